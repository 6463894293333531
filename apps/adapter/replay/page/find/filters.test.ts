import fc from "fast-check";
import { expect, test } from "vitest";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import {
  addressOf,
  type Filters,
  isFiltered,
  NO_FILTERS,
  PERIODS,
  queryOf,
  readFilters,
  SORTS,
  spanOf,
} from "./filters.ts";

const text = fc.string({ unit: "grapheme" }).map((any) => any.toWellFormed().trim());
const instant = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: null });

const anyFilters: fc.Arbitrary<Filters> = fc
  .record({
    ...{ q: text, agent: text, customer: text, queue: text, direction: text },
    attributes: fc.uniqueArray(fc.constantFrom("consent:yes", "tier:gold", "a:b:c", "müller:ä & ö"), {
      maxLength: 3,
    }),
    ...{ period: fc.constantFrom(...PERIODS), from: instant, to: instant },
    minDurationMs: fc.nat(),
    coverage: fc.constantFrom("" as const, ...COVERAGE_WORDS),
    sort: fc.constantFrom(...SORTS),
  })
  .map((filters) =>
    filters.from === null && filters.to === null ? filters : { ...filters, period: "" as const },
  );

test("an address gives back the filters that it was made of", () => {
  fc.assert(
    fc.property(anyFilters, (filters) => {
      expect(readFilters(addressOf(filters).slice(1))).toEqual(filters);
    }),
  );
});

test("an address with nonsense in it is one without that", () => {
  const nonsense =
    "?from=soon&to=%2B275760-09-13T00:00:00Z&minDurationMs=-5&coverage=good&sort=up&period=ever&attribute=x&attribute=:y&q=+";
  expect(readFilters(nonsense)).toEqual(NO_FILTERS);
  expect([isFiltered(NO_FILTERS), addressOf(NO_FILTERS)]).toEqual([false, "/"]);
});

test("of a text that is too long, and of too many attributes, the server is asked for what it takes", () => {
  const attributes = Array.from({ length: 20 }, (_, index) => `attribute=n${index}:v`).join("&");
  const read = readFilters(
    `?q=${"a".repeat(1_000)}&attribute=n:${"v".repeat(300)}&attribute=n0:v&${attributes}`,
  );
  expect([read.q.length, read.attributes]).toEqual([
    256,
    Array.from({ length: 8 }, (_, index) => `n${index}:v`),
  ]);
});

test("periods are whole days of this place, whatever a day's length is", () => {
  for (let day = 1; day <= 366; day += 1) {
    const now = new Date(2026, 0, day, 15, 30).getTime();
    const spanIn = (period: Filters["period"]) => spanOf({ ...NO_FILTERS, period }, now);
    const midnight = (daysAgo: number) => new Date(2026, 0, day - daysAgo).getTime();
    expect(spanIn("today")).toEqual({ from: midnight(0), to: null });
    expect(spanIn("yesterday")).toEqual({ from: midnight(1), to: midnight(0) });
    expect(spanIn("7d")).toEqual({ from: midnight(6), to: null });
    expect(spanIn("30d")).toEqual({ from: midnight(29), to: null });
  }
});

test("the server is asked for edges, never for a period", () => {
  const now = Date.UTC(2026, 2, 2, 12);
  const query = queryOf({ ...NO_FILTERS, period: "today", q: "ann" }, now);
  expect([...query.keys()]).toEqual(["q", "from"]);
  expect(isFiltered({ ...NO_FILTERS, sort: "durationMs" })).toBe(false);
  expect(isFiltered({ ...NO_FILTERS, period: "7d" })).toBe(true);
});
