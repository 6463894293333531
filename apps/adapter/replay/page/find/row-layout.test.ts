import fc from "fast-check";
import { expect, test } from "vitest";
import { HEADING_HEIGHT, heightOf, ITEM_HEIGHT, layOut, linesWithin } from "./row-layout.ts";

test("a heading stands over each run of items that have it", () => {
  const lines = layOut(["a1", "a2", "b1"], (item) => item.charAt(0));
  expect(lines.map((line) => (line.kind === "heading" ? line.text : line.item))).toEqual([
    ...["a", "a1", "a2", "b", "b1"],
  ]);
  expect(heightOf(lines)).toBe(2 * HEADING_HEIGHT + 3 * ITEM_HEIGHT);
  expect(layOut(["a1"], () => null)).toHaveLength(1);
  expect(heightOf([])).toBe(0);
});

test("what can be seen is exactly the lines that touch the window", () => {
  const days = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 50 });
  fc.assert(
    fc.property(days, fc.nat(3_000), fc.integer({ min: 1, max: 800 }), (items, top, height) => {
      const lines = layOut(items, (item) => item);
      const [first, after] = linesWithin(lines, top, top + height);
      const touching = lines.filter((line) => line.top + line.height > top && line.top < top + height);
      expect(lines.slice(first, after)).toEqual(touching);
    }),
  );
});
