import type { InteractionSummary } from "../../../archive/find/query.ts";
import { h } from "../dom.ts";
import { formatDay, formatMinuteOfDay, formatPosition, formatTimeOfDay } from "../format.ts";
import { icon } from "../icons.ts";
import { agentNames } from "../people.ts";
import { pathOf } from "../router.ts";
import { renderVerdict } from "../verdict.ts";
import { countOf } from "../words.ts";

/** The body of the list; keeps the rows that did not change, so that focus, hover and place stay. */
export interface Rows {
  readonly element: HTMLTableSectionElement;
  /** @param marked - the interaction to point out, if any. */
  show(items: readonly InteractionSummary[], now: number, marked: string | null): void;
}

export const COLUMNS = ["Time", "Length", "Agents", "Customer", "Queue", "Screens", "Recorded"] as const;

export function createRows(): Rows {
  const element = h("tbody");
  const kept = new Map<string, HTMLTableRowElement>();
  return {
    element,
    show(items, now, marked) {
      const wanted: HTMLTableRowElement[] = [];
      const seen = new Set<string>();
      let day = "";
      for (const item of items) {
        const itsDay = formatDay(Date.parse(item.startedAt), now);
        if (itsDay !== day) wanted.push(keep(kept, seen, `day ${itsDay}`, () => renderDay(itsDay)));
        day = itsDay;
        const row = keep(kept, seen, `${item.interactionId} v${item.version}`, () => renderRow(item));
        row.classList.toggle("marked", item.interactionId === marked);
        wanted.push(row);
      }
      for (const key of kept.keys()) if (!seen.has(key)) kept.delete(key);
      placeInOrder(element, wanted);
    },
  };
}

function keep(
  kept: Map<string, HTMLTableRowElement>,
  seen: Set<string>,
  key: string,
  render: () => HTMLTableRowElement,
): HTMLTableRowElement {
  const row = kept.get(key) ?? render();
  kept.set(key, row);
  seen.add(key);
  return row;
}

/** Moves nothing that is in its place: a moved element would lose the focus. */
function placeInOrder(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const stays = new Set<Node>(wanted);
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  wanted.forEach((row, index) => {
    const there = parent.children[index];
    if (there !== row) parent.insertBefore(row, there ?? null);
  });
}

function renderDay(day: string): HTMLTableRowElement {
  return h("tr", { class: "day" }, h("th", { colspan: COLUMNS.length, scope: "rowgroup" }, day));
}

function renderRow(item: InteractionSummary): HTMLTableRowElement {
  const startedAt = Date.parse(item.startedAt);
  const at = formatMinuteOfDay(startedAt);
  const agents = agentNames(item).join(" → ") || "–";
  const customer = item.call["customer"] ?? "–";
  const link = h(
    "a",
    {
      href: pathOf(item.interactionId),
      title: `Started at ${formatTimeOfDay(startedAt)}`,
      "aria-label": `${at}, ${agents}, ${customer}`,
    },
    at,
  );
  const screens = countOf(item.screens.length, "screen");
  const row = h(
    "tr",
    { class: "call", "data-interaction": item.interactionId },
    h("td", { class: "at" }, link),
    h("td", { class: "length" }, formatPosition(item.durationMs)),
    h("td", { class: "agents" }, agents),
    h("td", { class: "customer" }, customer),
    h("td", { class: "queue" }, item.call["queue"] ?? "–"),
    h("td", { class: "screens", title: screens }, icon("screen"), String(item.screens.length)),
    h("td", { class: "recorded" }, renderVerdict(item.coverage)),
  );
  // The link lies over the whole row, but below what explains itself when hovered.
  row.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a") === null) link.click();
  });
  return row;
}
