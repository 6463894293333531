import { expect, test } from "vitest";
import { requestBudget } from "./request-budget.ts";

const config = { eventsPollEveryS: 2, reconcileS: 15 };

test("polling every 2 s takes an eighth of what Dataverse allows", () => {
  expect(requestBudget({ ...config, events: "poll" })).toEqual({
    requests: 750,
    words: "5 queries every 2 s = 750 of 6000 requests per 5 min",
  });
});

test("webhooks add what is read of the calls that they tell of", () => {
  expect(requestBudget({ ...config, events: "webhook" })).toEqual({
    requests: 1_300,
    words:
      "5 queries every 15 s and at most 8 every 2 s for calls that webhooks tell of = 1300 of 6000 requests per 5 min",
  });
});

test.each([
  ["poll", "eventsPollEveryS", 0.5, 3_000],
  ["webhook", "reconcileS", 0.9, 2_867],
] as const)("%s with %s of %f takes half at most", (events, key, seconds, requests) => {
  expect(requestBudget({ ...config, events, [key]: seconds }).requests).toBe(requests);
});

test.each([
  ["poll", "eventsPollEveryS", 0.4, "= 3750 of 6000 requests per 5 min", "set it to 0.5 or more"],
  ["webhook", "reconcileS", 0.8, "= 3075 of 6000 requests per 5 min", "set it to 0.9 or more"],
] as const)("%s with %s of %f is refused, with what is allowed", (events, key, seconds, found, allowed) => {
  const refused = () => requestBudget({ ...config, events, [key]: seconds });
  expect(refused).toThrow(`dynamics.${key} is ${seconds}`);
  expect(refused).toThrow(found);
  expect(refused).toThrow(allowed);
});
