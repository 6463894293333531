import { expect, test } from "vitest";
import { changesAnything, describePlan } from "./describe-plan.ts";
import type { Action } from "./plan.ts";
import type { FoundRow, WantedRow } from "./registered-row.ts";

function wanted(kind: WantedRow["kind"], name: string, values: WantedRow["values"]): WantedRow {
  return { kind, name, values, lookups: {}, secrets: { authvalue: "a secret" }, children: [] };
}

const WEBHOOK = wanted("webhook", "Deskreel x", { url: "https://x/v1/dataverse-webhook" });
const STEP = wanted("step", "Deskreel x: Update a", { filteringattributes: "two,one" });
const IMAGE = wanted("image", "Deskreel", { attributes: "two,one" });
const FOUND: FoundRow = { kind: "step", id: "1", name: "Deskreel x: Update b", values: {}, children: [] };

test("a plan is a line per row, with what is new or different, and counts", () => {
  const actions: Action[] = [
    { do: "keep", wanted: WEBHOOK, id: "1", parent: null },
    { do: "create", wanted: STEP, parent: "Deskreel x" },
    { do: "create", wanted: IMAGE, parent: "Deskreel x: Update a" },
    { do: "remove", found: FOUND, why: "it is not needed any more", parent: "Deskreel x" },
  ];
  expect(describePlan(actions)).toEqual([
    "  keep   webhook Deskreel x",
    "  create step    Deskreel x: Update a",
    "                   posts changes of one, two",
    "  create image   of Deskreel x: Update a",
    "                   sends one, two",
    "  remove step    Deskreel x: Update b",
    "                   because: it is not needed any more",
    "  2 to create, 1 to remove, 1 to keep",
  ]);
});

test.each([
  ["mode", 0, 1, "mode: 0 → 1"],
  ["url", "https://old", "https://x", 'url: "https://old" → "https://x"'],
  ["attributes", "one,three", "two,one", "attributes: +two -three"],
  ["attributes", null, "two,one", "attributes: all columns → one, two"],
])("a change of %s from %j to %j", (property, found, value, line) => {
  const differences = [{ property, found, wanted: value }];
  const [, detail] = describePlan([
    { do: "change", wanted: STEP, id: "1", differences, parent: "Deskreel x" },
  ]);
  expect(detail?.trim()).toBe(line);
});

test("no secret is in a plan", () => {
  expect(describePlan([{ do: "create", wanted: WEBHOOK, parent: null }]).join("\n")).not.toContain(
    "a secret",
  );
});

test("keeping and leaving change nothing; a plan of nothing says so", () => {
  expect(changesAnything([{ do: "keep", wanted: WEBHOOK, id: "1", parent: null }])).toBe(false);
  expect(changesAnything([{ do: "leave", found: FOUND, why: "", parent: null }])).toBe(false);
  expect(changesAnything([{ do: "remove", found: FOUND, why: "", parent: null }])).toBe(true);
  expect(describePlan([])).toEqual(["  nothing is there"]);
});
