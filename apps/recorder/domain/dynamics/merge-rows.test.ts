import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "../../../../build/test/property-runs.ts";
import { mergeRow, type RowMerge } from "./merge-rows.ts";
import type { MirroredRow, RowCell, RowState } from "./row-state.ts";

const COLUMNS = ["a", "b", "c"];

function post(version: number | null, cells: Record<string, RowCell>, modifiedAt = version ?? 0): RowState {
  return { id: "row", version, modifiedAt, source: "post", cells, written: Object.keys(cells) };
}

function read(version: number, cells: Record<string, RowCell>): RowState {
  return { id: "row", version, modifiedAt: version, source: "read", cells, written: null };
}

/** The results of the merges, one after the other, and what is known after them. */
function mergeAll(states: readonly RowState[]): {
  kinds: RowMerge["kind"][];
  row: MirroredRow | null;
  last: RowMerge | null;
} {
  let row: MirroredRow | null = null;
  let last: RowMerge | null = null;
  const kinds: RowMerge["kind"][] = [];
  for (const state of states) {
    last = mergeRow(row, state, COLUMNS);
    kinds.push(last.kind);
    row = last.row;
  }
  return { kinds, row, last };
}

function valuesOf(row: MirroredRow | null): Record<string, RowCell> {
  return Object.fromEntries(Object.entries(row?.cells ?? {}).map(([name, cell]) => [name, cell.value]));
}

interface Variant {
  name: string;
  states: RowState[];
  kinds: RowMerge["kind"][];
  values: Record<string, RowCell>;
  missing?: string[];
}

test.each<Variant>([
  {
    name: "the newest version wins",
    states: [read(5, { a: 1, b: 2, c: 3 }), read(6, { a: 9, b: 2, c: null })],
    kinds: ["merged", "merged"],
    values: { a: 9, b: 2, c: null },
  },
  {
    name: "an older state that comes late says nothing",
    states: [read(6, { a: 9, b: 2, c: 3 }), post(5, { a: 1, b: 1, c: 1 })],
    kinds: ["merged", "known"],
    values: { a: 9, b: 2, c: 3 },
  },
  {
    name: "the same state again says nothing",
    states: [post(5, { a: 1, b: 2, c: 3 }), post(5, { a: 1, b: 2, c: 3 })],
    kinds: ["merged", "known"],
    values: { a: 1, b: 2, c: 3 },
  },
  {
    name: "a post without image changes what it wrote and leaves the rest",
    states: [read(5, { a: 1, b: 2, c: 3 }), post(6, { b: null })],
    kinds: ["merged", "merged"],
    values: { a: 1, b: null, c: 3 },
  },
  {
    name: "a post without image of a row never seen: what is missing must be read",
    states: [post(6, { b: 2 })],
    kinds: ["merged"],
    values: { b: 2 },
    missing: ["a", "c"],
  },
  {
    name: "a post between two that were merged still has what they did not write",
    states: [read(5, { a: 1, b: 2, c: 3 }), post(7, { b: 7 }), post(6, { b: 6, c: 6 })],
    kinds: ["merged", "merged", "merged"],
    values: { a: 1, b: 7, c: 6 },
  },
  {
    name: "a read of the version of a post beats it, since the post's image may have been too thin",
    states: [
      post(5, { a: 1, b: null, c: null }),
      read(5, { a: 1, b: 2, c: 3 }),
      post(5, { a: 1, b: null, c: null }),
    ],
    kinds: ["merged", "merged", "known"],
    values: { a: 1, b: 2, c: 3 },
  },
  {
    name: "a newer version that changed none of the columns is the row's version all the same",
    states: [read(5, { a: 1, b: 2, c: 3 }), post(6, {}), post(6, {})],
    kinds: ["merged", "merged", "known"],
    values: { a: 1, b: 2, c: 3 },
  },
  {
    name: "a post without version in a later second comes after what is known",
    states: [
      read(5_000, { a: 1, b: 2, c: 3 }),
      post(null, { b: 9 }, 6_000),
      read(5_001, { a: 1, b: 10, c: 3 }),
    ],
    kinds: ["merged", "merged", "merged"],
    values: { a: 1, b: 10, c: 3 },
  },
  {
    name: "a post without version in the same or an earlier second cannot be placed",
    states: [read(5_000, { a: 1, b: 2, c: 3 }), post(null, { b: 9 }, 5_000)],
    kinds: ["merged", "unplaced"],
    values: { a: 1, b: 2, c: 3 },
  },
  {
    name: "a first post without version is older than every one with",
    states: [post(null, { a: 1, b: 1, c: 1 }, 6_000), post(5, { a: 2 })],
    kinds: ["merged", "merged"],
    values: { a: 2, b: 1, c: 1 },
  },
])("$name", ({ states, kinds, values, missing = [] }) => {
  const merged = mergeAll(states);
  expect(merged.kinds).toEqual(kinds);
  expect(valuesOf(merged.row)).toEqual(values);
  expect(merged.last?.missing).toEqual(missing);
});

/** Writes of a row, each of some columns; its states are posts of just these columns, or of all, and reads. */
const statesArbitrary = fc
  .array(fc.record({ a: fc.nat(9), b: fc.nat(9), c: fc.nat(9) }, { requiredKeys: [] }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((writes) => {
    let all: Record<string, RowCell> = { a: 0, b: 0, c: 0 };
    const states: RowState[] = [read(1, all)];
    for (const [index, write] of writes.entries()) {
      all = { ...all, ...write };
      states.push(post(index + 2, write), post(index + 2, all), read(index + 2, all));
    }
    return fc.tuple(fc.constant(all), fc.subarray(states), fc.constant(states));
  })
  .chain(([now, some, all]) =>
    fc.tuple(
      fc.constant(now),
      fc.constant(some),
      fc.shuffledSubarray(some, { minLength: some.length, maxLength: some.length }),
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
    ),
  );

test("whatever is seen of a row, the order says nothing; and all that is seen is the row as it is", () => {
  fc.assert(
    fc.property(statesArbitrary, ([now, some, shuffled, all]) => {
      expect(mergeAll(shuffled).row).toEqual(mergeAll(some).row);
      expect(valuesOf(mergeAll(all).row)).toEqual(now);
    }),
    { numRuns: runsOf(2_000) },
  );
});
