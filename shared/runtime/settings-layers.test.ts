import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeSettings } from "./settings-layers.ts";

const POLICY = "the policy";
const MACHINE = "the machine";
const USER = "the user";

test.each([
  {
    title: "the policy wins, then the machine, then the user",
    layers: [{ a: 1 }, { a: 2, b: 2 }, { a: 3, b: 3, c: 3 }],
    settings: { a: 1, b: 2, c: 3 },
    sources: { a: POLICY, b: MACHINE, c: USER },
  },
  {
    title: "null is a value",
    layers: [{ a: null }, {}, { a: 3 }],
    settings: { a: null },
    sources: { a: POLICY },
  },
  {
    title: "sections are merged key by key, lists are not",
    layers: [{ s: { x: 1 } }, {}, { s: { x: 3, y: 3 }, list: [3] }],
    settings: { s: { x: 1, y: 3 }, list: [3] },
    sources: { "s.x": POLICY, "s.y": USER, list: USER },
  },
  {
    title: "a section that another layer has as a plain value is not mixed with it",
    layers: [{ s: 1 }, { s: { x: 2 } }, {}],
    settings: { s: 1 },
    sources: { s: POLICY },
  },
  {
    title: "a plain value below a section is passed over",
    layers: [{ s: { x: 1 } }, { s: 2 }, { s: { y: 3 } }],
    settings: { s: { x: 1, y: 3 } },
    sources: { "s.x": POLICY, "s.y": USER },
  },
])("$title", ({ layers, settings, sources }) => {
  const names = [POLICY, MACHINE, USER];
  const merged = mergeSettings(layers.map((settings, i) => ({ source: names[i] ?? "", settings })));
  expect(merged.settings).toEqual(settings);
  expect(Object.fromEntries(merged.sources)).toEqual(sources);
});

test("every key of any layer is there, with the value of the first that has it", () => {
  const layer = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "toString", "constructor"), fc.integer());
  fc.assert(
    fc.property(fc.array(layer), (layers) => {
      const { settings } = mergeSettings(layers.map((settings, i) => ({ source: String(i), settings })));
      const keys = new Set(layers.flatMap((layer) => Object.keys(layer)));
      expect(new Set(Object.keys(settings))).toEqual(keys);
      for (const key of keys)
        expect(settings[key]).toBe(layers.find((layer) => Object.hasOwn(layer, key))?.[key]);
    }),
  );
});
