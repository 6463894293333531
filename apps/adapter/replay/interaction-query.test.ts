import { expect, test } from "vitest";
import { fieldProblems } from "#shared/runtime/schema-problems.ts";
import { interactionQuerySchema } from "./interaction-query.ts";

test("every filter of the contract is read into its type", () => {
  const query = {
    q: " billing ",
    agent: "ann@contoso.com",
    customer: "+1425",
    queue: "Billing",
    direction: "inbound",
    sort: "-durationMs",
    from: "2026-03-02T10:00:00Z",
    to: "2026-03-02T11:00:00+01:00",
    minDurationMs: "60000",
    coverage: "partial",
    limit: "20",
    cursor: "abc",
  };
  const asked = { ...query, attribute: ["consent:given", "note:a:b"], with: "life" };
  expect(interactionQuerySchema.parse(asked)).toEqual({
    ...query,
    attributes: [
      { name: "consent", value: "given" },
      { name: "note", value: "a:b" },
    ],
    withLife: true,
    q: "billing",
    from: Date.UTC(2026, 2, 2, 10),
    to: Date.UTC(2026, 2, 2, 10),
    minDurationMs: 60_000,
    limit: 20,
  });
});

test("without filters a list has 50 items", () => {
  expect(interactionQuerySchema.parse({})).toEqual({ limit: 50 });
});

test("every faulty filter is named, an unknown one too", () => {
  const parsed = interactionQuerySchema.safeParse({
    q: ["a", "b"],
    from: "yesterday",
    minDurationMs: "-1",
    coverage: "good",
    limit: "201",
    attribute: "consent",
    sort: "up",
    colour: "red",
  });
  expect(
    parsed.error && fieldProblems(parsed.error).toSorted((a, b) => a.path.localeCompare(b.path)),
  ).toEqual([
    { path: "/attribute/0", message: "must be name:value" },
    { path: "/colour", message: "unknown field" },
    { path: "/coverage", message: "must be one of recorded, partial, not-recorded" },
    { path: "/from", message: "must be an RFC 3339 date-time, e.g. 2026-03-02T10:02:30.120Z" },
    { path: "/limit", message: "must be a whole number from 1 to 200" },
    { path: "/minDurationMs", message: "must be a whole number from 0 to 9007199254740991" },
    { path: "/q", message: "must be given once" },
    { path: "/sort", message: "must be one of -startedAt, startedAt, -durationMs, durationMs" },
  ]);
});
