import fc from "fast-check";
import { expect, test } from "vitest";
import { faultOfBuild } from "./plain-message.ts";

const MAX = 1_000;
const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const sparse: unknown[] = [];
sparse.length = 4_000_000_000;

test.each([
  [null, { t: "produce", rtp: { codecs: [{ clockRate: 90_000, parameters: {} }], rtcp: undefined } }],
  [null, "x".repeat(MAX - 1)],
  [null, nested(16)],
  ["too large", "x".repeat(MAX)],
  ["too large", { ["k".repeat(MAX)]: 1 }],
  ["too large", Array.from({ length: MAX }, () => null)],
  ["too large", sparse],
  ["too deep", nested(17)],
  ["too deep", cycle],
  ["not plain data", new Map()],
  ["not plain data", { at: new Uint8Array(2) }],
  ["not plain data", [1n]],
  ["not plain data", () => {}],
])("%s: the build of message %#", (fault, message) => {
  expect(faultOfBuild(message, MAX)).toBe(fault);
});

test("what JSON can say has no fault but its size", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 16 }), (text) => {
      expect(faultOfBuild(JSON.parse(text), 2 * text.length + 2)).toBe(null);
    }),
  );
});
