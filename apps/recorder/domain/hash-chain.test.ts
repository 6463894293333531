import { expect, test } from "vitest";
import { chainFaults, type ChainLink, chainTail } from "./hash-chain.ts";

const link = (id: string, sha256: string, previousSha256: string | null): ChainLink => ({
  id,
  sha256,
  previousSha256,
});
const WHOLE = [link("1", "a", null), link("2", "b", "a"), link("3", "c", "b")];

test.each<[string, ChainLink[], string | null]>([
  ["no segment", [], null],
  ["a whole chain", WHOLE, "c"],
  [
    "one whose second segment was recovered last",
    [link("1", "a", null), link("2", "c", "b"), link("3", "b", "a")],
    "c",
  ],
])("the next segment of %s follows the last one that was sealed", (_case, links, expected) => {
  expect(chainTail(links)).toBe(expected);
  expect(chainFaults(links)).toEqual([]);
});

test.each<[string, ChainLink[], string[]]>([
  [
    "one that is missing",
    [link("1", "a", null), link("3", "c", "b")],
    ["segments 3 do not hang on the first one"],
  ],
  [
    "one that was changed",
    [link("1", "x", null), link("2", "b", "a")],
    ["segments 2 do not hang on the first one"],
  ],
  [
    "a fork",
    [...WHOLE, link("4", "d", "b")],
    ["segments 3 and 4 follow the same one", "segments 4 do not hang on the first one"],
  ],
  [
    "two beginnings",
    [link("1", "a", null), link("2", "b", null)],
    ["segments 1 and 2 follow the same one", "segments 2 do not hang on the first one"],
  ],
])("a chain tells of %s", (_case, links, expected) => {
  expect(chainFaults(links)).toEqual(expected);
});
