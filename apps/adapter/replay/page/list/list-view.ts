import type { InteractionPage } from "../../../archive/find/query.ts";
import { fetchInteractions, type Session } from "../api.ts";
import { h, setText } from "../dom.ts";
import { createCallButton } from "./call-button.ts";
import { createFilterBar } from "./filters.ts";
import { appendPage, mergeFirstPage } from "./merge.ts";
import { COLUMNS, createRows } from "./rows.ts";

const REFRESH_MS = 3_000;

/**
 * Shows the list of interactions until the signal aborts; it keeps itself up to date.
 *
 * @param root - emptied and filled.
 */
export function showList(root: HTMLElement, session: Session, signal: AbortSignal): void {
  document.title = "Interactions · Deskreel";
  const rows = createRows();
  const note = h("div", { class: "list-note" });
  const trouble = h("p", { class: "trouble", role: "status", hidden: true });
  const more = h("button", { type: "button", class: "more", hidden: true }, "Load more");
  const callButton = createCallButton(signal);
  const filterBar = createFilterBar(() => void refresh(true), signal);

  let shown: InteractionPage = { items: [], cursor: null };
  let marked: string | null = null;
  /** Counts the changes of the filters, so that an answer for the old ones is not shown. */
  let filterChanges = 0;

  const show = (next: InteractionPage) => {
    shown = next;
    const awaited = callButton.awaited();
    if (awaited !== null && next.items.some(({ interactionId }) => interactionId === awaited)) {
      marked = awaited;
      callButton.arrived();
    }
    filterBar.offerAgents(next.items);
    rows.show(next.items, Date.now(), marked);
    more.hidden = next.cursor === null;
    table.hidden = next.items.length === 0;
    const isFiltered = Object.values(filterBar.current()).some((value) => value !== "");
    note.hidden = next.items.length > 0;
    if (!note.hidden) note.replaceChildren(...renderEmpty(isFiltered, session.canPlaceCall, filterBar.clear));
  };
  const fetchPage = async (
    cursor: string,
    apply: (page: InteractionPage) => InteractionPage,
    isNewFilter = false,
  ) => {
    if (isNewFilter) filterChanges += 1;
    const asked = filterChanges;
    try {
      const page = await fetchInteractions({ ...filterBar.current(), cursor }, signal);
      trouble.hidden = true;
      if (asked === filterChanges && !signal.aborted) show(apply(page));
    } catch (error) {
      if (signal.aborted) return;
      trouble.hidden = false;
      setText(trouble, `${error instanceof Error ? error.message : String(error)} Trying again…`);
    }
  };
  const refresh = (isNewFilter = false) =>
    fetchPage("", (page) => (isNewFilter ? page : mergeFirstPage(shown, page)), isNewFilter);

  more.addEventListener("click", () => {
    more.disabled = true;
    void fetchPage(shown.cursor ?? "", (page) => appendPage(shown, page)).finally(
      () => (more.disabled = false),
    );
  });
  const head = h("tr", {}, ...COLUMNS.map((name) => h("th", { scope: "col" }, name)));
  const table = h("table", { class: "calls", hidden: true }, h("thead", {}, head), rows.element);
  root.replaceChildren(
    h(
      "main",
      { class: "list" },
      h("h1", { class: "visually-hidden" }, "Interactions"),
      h(
        "div",
        { class: "list-top" },
        filterBar.element,
        ...(session.canPlaceCall ? [callButton.button] : []),
      ),
      callButton.status,
      trouble,
      table,
      note,
      more,
    ),
  );
  listenToListKeys(root, signal);
  keepFresh(refresh, signal);
}

function renderEmpty(isFiltered: boolean, canPlaceCall: boolean, clear: () => void): Node[] {
  if (isFiltered) {
    const button = h("button", { type: "button" }, "Clear the filters");
    button.addEventListener("click", clear);
    return [h("h2", {}, "No call matches"), button];
  }
  const next = canPlaceCall
    ? "Press “Place a call”: a scripted call takes about 30 s and appears here by itself."
    : "A call appears here by itself, soon after its agent is available again.";
  return [h("h2", {}, "No calls yet"), h("p", {}, next)];
}

/** `/` goes to the search, the arrows go from call to call. */
function listenToListKeys(root: HTMLElement, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent) => {
    const active = document.activeElement;
    if (event.key === "/" && !active?.matches("input, select")) {
      event.preventDefault();
      root.querySelector<HTMLInputElement>("input[type=search]")?.focus();
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || active?.matches("select")) return;
    const links = [...root.querySelectorAll<HTMLAnchorElement>("tr.call a")];
    const index = links.findIndex((link) => link === active) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    links[Math.max(0, index)]?.focus();
  };
  document.addEventListener("keydown", onKey, { signal });
}

/** Refreshes at once, then while the page is seen, one after the other. */
function keepFresh(refresh: () => Promise<void>, signal: AbortSignal): void {
  let timer: number | undefined;
  const next = async () => {
    clearTimeout(timer);
    if (!document.hidden) await refresh();
    if (!signal.aborted) timer = window.setTimeout(() => void next(), REFRESH_MS);
  };
  document.addEventListener("visibilitychange", () => void (document.hidden || next()), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  void next();
}
