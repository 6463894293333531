import { describe, expect, test } from "vitest";
import { type Action, planRemoval, planSetUp } from "./plan.ts";
import type { FoundRow, WantedRow } from "./registered-row.ts";
import { wantedRows } from "./wanted-rows.ts";

const WANTED = wantedRows(
  { name: "Deskreel x.example", url: "https://x.example/v1/dataverse-webhook" },
  "webhook-key-0000000001",
  { message: (message) => message, filter: (message, table) => `${message} ${table}` },
);
const STEP = "Deskreel x.example: Update msdyn_ocsession";

/** What Dataverse has after the wanted rows were made. */
function made(wanted: WantedRow, path = "id"): FoundRow {
  const lookups = Object.entries(wanted.lookups).map(([property, { id }]) => [`_${property}_value`, id]);
  return {
    kind: wanted.kind,
    id: path,
    name: wanted.name,
    values: { ...wanted.values, ...Object.fromEntries(lookups), versionnumber: 7 },
    children: wanted.children.map((child, index) => made(child, `${path}.${index}`)),
  };
}

/** The registration with one of its steps (or the image of one) as told; null = gone. */
function withStep(change: (step: FoundRow) => FoundRow | null, name = STEP): FoundRow {
  const webhook = made(WANTED);
  const children = webhook.children.flatMap((step) => (step.name === name ? (change(step) ?? []) : step));
  return { ...webhook, children };
}

/** The registration with a step of somebody else's on our webhook. */
function withForeignStep(): FoundRow {
  const webhook = made(WANTED);
  const theirs: FoundRow = { kind: "step", id: "theirs", name: "Audit", values: {}, children: [] };
  return { ...webhook, children: [...webhook.children, theirs] };
}

function withValues(row: FoundRow, values: Record<string, unknown>): FoundRow {
  return { ...row, values: { ...row.values, ...values } };
}

/** All but what stays, in short. */
function deeds(actions: readonly Action[]): string[] {
  return actions
    .filter((action) => action.do !== "keep")
    .map((action) => {
      const row = "wanted" in action ? action.wanted : action.found;
      const changed =
        action.do === "change" ? ` ${action.differences.map(({ property }) => property).join()}` : "";
      return `${action.do} ${row.kind} ${row.name}${changed}`;
    });
}

test("where nothing is, all is made, each row after the one that it belongs to", () => {
  const actions = planSetUp(WANTED, []);
  expect(actions).toHaveLength(21);
  const placed = new Set<string | null>([null]);
  for (const action of actions) {
    if (action.do !== "create") throw new Error(`${action.do} of what is not there`);
    expect(placed).toContain(action.parent);
    placed.add(action.wanted.name);
  }
});

test("where all is, nothing is done", () => {
  const actions = planSetUp(WANTED, [made(WANTED)]);
  expect([actions.length, deeds(actions)]).toEqual([21, []]);
});

const BLANKS = (list: unknown) => String(list).split(",").reverse().join(", ").toUpperCase();
const IMAGE = (step: FoundRow, change: (image: FoundRow) => FoundRow) => ({
  ...step,
  children: step.children.map(change),
});

describe("brought back", () => {
  test.each<[string, FoundRow, string[]]>([
    [
      "another URL",
      withValues(made(WANTED), { url: "https://old" }),
      ["change webhook Deskreel x.example url"],
    ],
    [
      "another key",
      withValues(made(WANTED), { description: "old" }),
      ["change webhook Deskreel x.example description"],
    ],
    ["a step that is gone", withStep(() => null), [`create step ${STEP}`, "create image Deskreel"]],
    [
      "a step switched off",
      withStep((step) => withValues(step, { statecode: 1, statuscode: 2 })),
      [`change step ${STEP} statecode,statuscode`],
    ],
    [
      "a step that blocks agents",
      withStep((step) => withValues(step, { mode: 0 })),
      [`change step ${STEP} mode`],
    ],
    [
      "a step that posts too much",
      withStep((step) => withValues(step, { filteringattributes: null })),
      [`change step ${STEP} filteringattributes`],
    ],
    [
      "a step on another table",
      withStep((step) => withValues(step, { _sdkmessagefilterid_value: "other" })),
      [`change step ${STEP} _sdkmessagefilterid_value`],
    ],
    ["an image that is gone", withStep((step) => ({ ...step, children: [] })), ["create image Deskreel"]],
    [
      "an image without a column",
      withStep((step) => IMAGE(step, (image) => withValues(image, { attributes: "modifiedon" }))),
      ["change image Deskreel attributes"],
    ],
    [
      "an image of all columns",
      withStep((step) => IMAGE(step, (image) => withValues(image, { attributes: null }))),
      ["change image Deskreel attributes"],
    ],
  ])("%s", (_, found, expected) => {
    expect(deeds(planSetUp(WANTED, [found]))).toEqual(expected);
  });
});

describe("left as it is", () => {
  test.each<[string, FoundRow]>([
    [
      "columns in another order",
      withStep((step) =>
        withValues(step, { filteringattributes: BLANKS(step.values["filteringattributes"]) }),
      ),
    ],
    ["an id in capitals", withStep((step) => withValues(step, { _sdkmessageid_value: "UPDATE" }))],
    [
      "an empty list for none",
      withStep((step) => withValues(step, { filteringattributes: "" }), STEP.replace("Update", "Create")),
    ],
    ["another's step on our webhook", withForeignStep()],
    [
      "another's image on our step",
      withStep((step) => ({
        ...step,
        children: [
          ...step.children,
          { kind: "image", id: "theirs", name: "Audit", values: {}, children: [] },
        ],
      })),
    ],
  ])("%s", (_, found) => {
    expect(deeds(planSetUp(WANTED, [found]))).toEqual([]);
  });
});

test("steps of an older version are removed, images first, after what is made", () => {
  const webhook = withStep(() => null);
  const old = {
    ...made(WANTED).children[0],
    name: "Deskreel x.example: Update msdyn_sessionevent",
  } as FoundRow;
  const found = { ...webhook, children: [...webhook.children, old] };
  expect(deeds(planSetUp(WANTED, [found]))).toEqual([
    `create step ${STEP}`,
    "create image Deskreel",
    "remove image Deskreel",
    `remove step ${old.name}`,
  ]);
});

test("of two webhooks that two set-ups made at the same time, one stays", () => {
  const actions = planSetUp(WANTED, [made(WANTED), made(WANTED, "twin")]);
  expect(actions.filter((action) => action.do === "keep")).toHaveLength(21);
  const removed = actions.flatMap((action) => (action.do === "remove" ? [action.found.id] : []));
  expect([removed.length, removed.at(-1), removed.every((id) => id.startsWith("twin"))]).toEqual([
    21,
    "twin",
    true,
  ]);
});

test("a removal takes all that was made, images before steps before the webhook", () => {
  const actions = planRemoval([made(WANTED)]);
  expect(actions.map((action) => action.do)).toEqual(Array.from({ length: 21 }, () => "remove"));
  const kinds = deeds(actions).map((deed) => deed.split(" ")[1]);
  expect([kinds.slice(0, 3), kinds.at(-1)]).toEqual([["image", "step", "image"], "webhook"]);
});

test("a removal leaves others' steps, and the webhook that they post to", () => {
  const actions = planRemoval([withForeignStep()]);
  expect(actions.filter((action) => action.do === "remove")).toHaveLength(20);
  expect(actions.at(-1)).toMatchObject({ do: "leave", found: { kind: "webhook" } });
  expect(actions.some((action) => "found" in action && action.found.id === "theirs")).toBe(false);
});

test("where nothing is, there is nothing to remove", () => {
  expect(planRemoval([])).toEqual([]);
});
