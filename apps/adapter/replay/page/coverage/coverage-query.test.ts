import { expect, test } from "vitest";
import { coverageAddress, dayAfter, readCoverageQuery, spanOfDays, WHOLE_DAY } from "./coverage-query.ts";

const NOW = new Date(2026, 2, 2, 15, 30).getTime();

test.each([
  ["/coverage", WHOLE_DAY],
  [
    "/coverage?day=2026-02-28&days=7&word=partial&reason=loss&agent=ann%40contoso.com",
    { day: "2026-02-28", days: "7", word: "partial", reason: "loss", agent: "ann@contoso.com" },
  ],
] as const)("%s and its query are the same", (address, query) => {
  expect(coverageAddress(query)).toBe(address);
  expect(readCoverageQuery(address.slice("/coverage".length))).toEqual(query);
});

test("nonsense in an address is left out", () => {
  expect(readCoverageQuery("?day=2026-02-30&days=8&word=good")).toEqual(WHOLE_DAY);
});

test("a span is whole days, the last one included, over months and changes of the clock", () => {
  expect(spanOfDays(WHOLE_DAY, NOW)).toEqual({
    from: new Date(2026, 2, 2).getTime(),
    to: new Date(2026, 2, 3).getTime(),
  });
  expect(spanOfDays({ day: "2026-04-01", days: "30" }, NOW)).toEqual({
    from: new Date(2026, 2, 3).getTime(),
    to: new Date(2026, 3, 2).getTime(),
  });
  expect([dayAfter("", -1, NOW), dayAfter("2026-02-28", 1, NOW), dayAfter("2026-01-01", -1, NOW)]).toEqual([
    ...["2026-03-01", "2026-03-01", "2025-12-31"],
  ]);
});
