import type { FoundRow, Value, WantedRow } from "./registered-row.ts";
import { IMAGE_NAME, stepPrefix } from "./wanted-rows.ts";

/** A property that is not as it should be. */
export interface Difference {
  property: string;
  found: unknown;
  wanted: Value;
}

/** What is done with one row; `parent` is the name of the row that it belongs to, null for the webhook. */
export type Action = { parent: string | null } & (
  | { do: "create"; wanted: WantedRow }
  | { do: "change"; wanted: WantedRow; id: string; differences: readonly Difference[] }
  | { do: "keep"; wanted: WantedRow; id: string }
  | { do: "remove"; found: FoundRow; why: string }
  /** It is of our making, but cannot go. */
  | { do: "leave"; found: FoundRow; why: string }
);

/** Columns' names with commas; their order and the blanks between them mean nothing. */
const LISTS = ["filteringattributes", "attributes"];

/**
 * What makes the found registration the wanted one, in the order in which it can be done: a row after the one that it
 * belongs to, removals last and in the opposite order. Rows are recognized by their names; what else hangs on our webhook
 * or our steps is not touched.
 *
 * @param found - the webhooks of the wanted name; more than one when two set-ups ran at the same time.
 */
export function planSetUp(wanted: WantedRow, found: readonly FoundRow[]): Action[] {
  const done: Action[] = [];
  const removals: Action[] = [];
  planRow(wanted, null, found, done, removals);
  return [...done, ...removals];
}

/** What removes a registration: the webhooks of its name with the steps and images of our making. */
export function planRemoval(
  found: readonly FoundRow[],
  why = "as asked",
  parent: string | null = null,
): Action[] {
  return found.flatMap((row) => {
    const ours = row.children.filter((child) => isOurs(row, child));
    const others = row.children.length - ours.length;
    const below = planRemoval(ours, why, row.name);
    if (row.kind === "webhook" && others > 0) {
      const reason = `${others} step(s) that Deskreel did not make post to it`;
      return [...below, { do: "leave" as const, found: row, why: reason, parent }];
    }
    return [...below, { do: "remove" as const, found: row, why, parent }];
  });
}

function planRow(
  wanted: WantedRow,
  parent: string | null,
  siblings: readonly FoundRow[],
  done: Action[],
  removals: Action[],
): void {
  const [first, ...twins] = siblings.filter(({ name }) => name === wanted.name);
  if (first === undefined) {
    done.push({ do: "create", wanted, parent });
  } else {
    const { id } = first;
    const differences = differencesOf(wanted, first);
    done.push(
      differences.length === 0
        ? { do: "keep", wanted, id, parent }
        : { do: "change", wanted, id, differences, parent },
    );
  }
  removals.push(...planRemoval(twins, "it is there twice", parent));
  const children = first?.children ?? [];
  for (const child of wanted.children) planRow(child, wanted.name, children, done, removals);
  if (first === undefined) return;
  const names = new Set(wanted.children.map(({ name }) => name));
  const surplus = children.filter((child) => isOurs(first, child) && !names.has(child.name));
  removals.push(...planRemoval(surplus, "it is not needed any more", wanted.name));
}

/** A webhook's steps may be others' too; an image on a step of ours has no life without it. */
function isOurs(parent: FoundRow, child: FoundRow): boolean {
  if (parent.kind === "webhook") return child.name.startsWith(stepPrefix(parent.name));
  return child.name === IMAGE_NAME;
}

function differencesOf(wanted: WantedRow, found: FoundRow): Difference[] {
  const lookups = Object.entries(wanted.lookups).map(
    ([property, { id }]) => [`_${property}_value`, id] as const,
  );
  return [...Object.entries(wanted.values), ...lookups].flatMap(([property, value]) => {
    const current = found.values[property] ?? null;
    const isSame = normalize(property, current) === normalize(property, value);
    return isSame ? [] : [{ property, found: current, wanted: value }];
  });
}

function normalize(property: string, value: unknown): unknown {
  if (LISTS.includes(property)) return listOf(value).join(",");
  return /^_.*_value$/.test(property) && typeof value === "string" ? value.toLowerCase() : value;
}

/** The columns of a list, sorted; none for null. */
export function listOf(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const names = value.split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

/** Whether a property holds a list of columns. */
export function isList(property: string): boolean {
  return LISTS.includes(property);
}
