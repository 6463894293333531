import { expect, test } from "vitest";
import { Faults } from "./faults.ts";
import { seededRandom } from "./seeded-random.ts";

const GET_QUEUES = { method: "GET", target: "/api/data/v9.2/queues?$top=1" };

function take(faults: Faults, times: number, request = GET_QUEUES): (string | null)[] {
  return Array.from({ length: times }, () => faults.take("webApi", request)?.fault ?? null);
}

test("the same seed gives the same numbers, evenly spread", () => {
  const [first, same, other] = [7, 7, 8].map((seed) => {
    const random = seededRandom(seed);
    return Array.from({ length: 1_000 }, random);
  });
  expect(first).toEqual(same);
  expect(first).not.toEqual(other);
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => first?.filter((number) => Math.floor(number * 10) === tenth).length ?? 0,
  );
  // 100 expected in each, standard deviation 9.5.
  expect(Math.min(...tenths)).toBeGreaterThan(60);
  expect(Math.max(...tenths)).toBeLessThan(140);
});

test("a rule for the next requests hits as many and is gone", () => {
  const faults = new Faults({
    webApi: [
      { fault: "expired", next: 2 },
      { fault: "slow", next: 1 },
    ],
  });
  expect(take(faults, 4)).toEqual(["expired", "expired", "slow", null]);
  expect(faults.settings.webApi).toEqual([]);
});

test("a rule hits its share of the requests of its method and path", () => {
  const faults = new Faults({ webApi: [{ fault: "torn", share: 0.3, path: "queues", method: "GET" }] });
  const hits = take(faults, 1_000).filter((fault) => fault === "torn").length;
  // Standard deviation 14.5.
  expect(hits).toBeGreaterThan(240);
  expect(hits).toBeLessThan(360);
  expect(take(faults, 100, { ...GET_QUEUES, method: "POST" })).toEqual(Array(100).fill(null));
  expect(take(faults, 100, { ...GET_QUEUES, target: "/api/data/v9.2/systemusers" })).toEqual(
    Array(100).fill(null),
  );
});

test("how often the Web API is asked does not change what happens to webhooks", () => {
  const asked = new Faults({ seed: 3, webApi: [{ fault: "torn", share: 0.5 }] });
  const quiet = new Faults({ seed: 3 });
  take(asked, 17);
  expect([asked.drawForWebhook(), asked.drawForWebhook()]).toEqual([
    quiet.drawForWebhook(),
    quiet.drawForWebhook(),
  ]);
});

test("a change names what it changes; a faulty one changes nothing", () => {
  const faults = new Faults({ seed: 5, dateSkewMs: 10 });
  faults.set({ webhooks: { loss: 0.5 } });
  expect(faults.settings).toMatchObject({ seed: 5, dateSkewMs: 10, webhooks: { loss: 0.5, duplicate: 0 } });
  const before = faults.settings;
  expect(() => faults.set({ webhooks: { loss: 2 } })).toThrow("must be 1 or less");
  expect(() => faults.set({ webhooks: { delayMs: [5, 1] } })).toThrow("must be [least, most]");
  expect(faults.settings).toBe(before);
  faults.clear();
  expect(faults.settings).toEqual(new Faults({ seed: 5 }).settings);
});

test("a new seed begins anew", () => {
  const faults = new Faults({ seed: 9 });
  const first = faults.drawForWebhook();
  faults.drawForWebhook();
  faults.set({ seed: 9 });
  expect(faults.drawForWebhook()).toBe(first);
});
