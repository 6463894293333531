import { type Action, type Difference, isList, listOf } from "./plan.ts";
import type { FoundRow, WantedRow } from "./registered-row.ts";

/** The plan for people: a line per row, with what is new or different below it, and the counts at its end. */
export function describePlan(actions: readonly Action[]): string[] {
  const lines = actions.flatMap((action) => [`  ${nameAction(action)}`, ...detailsOf(action).map(indent)]);
  return [...lines, `  ${countActions(actions)}`];
}

/** e.g. `create step Deskreel x.example: Update msdyn_ocsession` */
export function nameAction(action: Action): string {
  const row: WantedRow | FoundRow = "wanted" in action ? action.wanted : action.found;
  const name = action.parent !== null && row.kind === "image" ? `of ${action.parent}` : row.name;
  return `${action.do.padEnd(6)} ${row.kind.padEnd(7)} ${name}`;
}

/** Whether carrying it out changes anything. */
export function changesAnything(actions: readonly Action[]): boolean {
  return actions.some((action) => action.do !== "keep" && action.do !== "leave");
}

function countActions(actions: readonly Action[]): string {
  const count = (word: Action["do"]) => actions.filter((action) => action.do === word).length;
  const words = ["create", "change", "remove", "keep", "leave"] as const;
  const counts = words.flatMap((word) => (count(word) === 0 ? [] : `${count(word)} to ${word}`));
  return counts.length === 0 ? "nothing is there" : counts.join(", ");
}

function detailsOf(action: Action): string[] {
  switch (action.do) {
    case "create":
      return describeWanted(action.wanted);
    case "change":
      return action.differences.map(describeDifference);
    case "remove":
    case "leave":
      return [`because: ${action.why}`];
    case "keep":
      return [];
  }
}

function describeWanted({ kind, values }: WantedRow): string[] {
  if (kind === "webhook") return [`posts to ${String(values["url"])}`];
  if (kind === "image") return [`sends ${listOf(values["attributes"]).join(", ")}`];
  const watched = listOf(values["filteringattributes"]);
  return [watched.length === 0 ? "posts every new row" : `posts changes of ${watched.join(", ")}`];
}

function describeDifference({ property, found, wanted }: Difference): string {
  if (!isList(property)) return `${property}: ${JSON.stringify(found)} → ${JSON.stringify(wanted)}`;
  const before = listOf(found);
  const after = listOf(wanted);
  if (before.length === 0) return `${property}: all columns → ${after.join(", ") || "none"}`;
  const changes = [
    ...after.filter((name) => !before.includes(name)).map((name) => `+${name}`),
    ...before.filter((name) => !after.includes(name)).map((name) => `-${name}`),
  ];
  return `${property}: ${changes.join(" ")}`;
}

function indent(line: string): string {
  return `                   ${line}`;
}
