import type { InteractionPage } from "../../../archive/find/query.ts";

/**
 * Brings a list up to date with a freshly fetched first page, keeping what has been loaded beyond it.
 */
export function mergeFirstPage(shown: InteractionPage, fresh: InteractionPage): InteractionPage {
  const oldestFresh = fresh.items.at(-1);
  if (fresh.cursor === null || oldestFresh === undefined) return fresh;
  const freshIds = new Set(fresh.items.map(({ interactionId }) => interactionId));
  const older = shown.items.filter(
    ({ interactionId, startedAt }) => !freshIds.has(interactionId) && startedAt <= oldestFresh.startedAt,
  );
  // Without anything beyond the page its own cursor is the one that continues without a hole.
  return older.length === 0 ? fresh : { items: [...fresh.items, ...older], cursor: shown.cursor };
}

/** Adds the next page at the end. */
export function appendPage(shown: InteractionPage, next: InteractionPage): InteractionPage {
  const known = new Set(shown.items.map(({ interactionId }) => interactionId));
  const added = next.items.filter(({ interactionId }) => !known.has(interactionId));
  return { items: [...shown.items, ...added], cursor: next.cursor };
}
