import { expect, test } from "vitest";
import { configDifferences } from "./config-differences.ts";

test.each([
  { change: "nothing", before: { a: 1, b: { c: [1, 2] } }, after: { a: 1, b: { c: [1, 2] } }, keys: [] },
  { change: "a value", before: { a: 1, b: { c: 2 } }, after: { a: 1, b: { c: 3 } }, keys: ["b.c"] },
  { change: "two of them", before: { b: 1, a: 1 }, after: { b: 2, a: 2 }, keys: ["a", "b"] },
  { change: "an item of a list", before: { a: [1, 2] }, after: { a: [1] }, keys: ["a"] },
  { change: "the order of a list", before: { a: [1, 2] }, after: { a: [2, 1] }, keys: ["a"] },
  { change: "a section that is new", before: { a: 1 }, after: { a: 1, b: { c: 1 } }, keys: ["b"] },
  { change: "a section that is gone", before: { b: { c: 1 } }, after: {}, keys: ["b"] },
  { change: "null and nothing", before: { a: null }, after: { a: { b: 1 } }, keys: ["a"] },
])("$change: $keys", ({ before, after, keys }) => {
  expect(configDifferences(before, after)).toEqual(keys);
});
