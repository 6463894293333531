import type { InteractionPage } from "../../../archive/find/query.ts";

/**
 * Brings a list of the newest first up to date with freshly fetched pages from its beginning, keeping what has been loaded
 * beyond them. Where calls may be missing between the two, what was loaded goes.
 */
export function mergeFirstPage(shown: InteractionPage, fresh: InteractionPage): InteractionPage {
  const oldestFresh = fresh.items.at(-1);
  if (fresh.cursor === null || oldestFresh === undefined || !touches(fresh, shown)) return fresh;
  const freshIds = new Set(fresh.items.map(({ interactionId }) => interactionId));
  const older = shown.items.filter(
    ({ interactionId, startedAt }) => !freshIds.has(interactionId) && startedAt <= oldestFresh.startedAt,
  );
  // Without anything beyond the page its own cursor is the one that continues without a hole.
  return older.length === 0 ? fresh : { items: [...fresh.items, ...older], cursor: shown.cursor };
}

/** Whether fresh pages reach down to where the list began so far, so that nothing can be missing between the two. */
export function touches(fresh: InteractionPage, shown: InteractionPage): boolean {
  const [newest, oldestFresh] = [shown.items[0], fresh.items.at(-1)];
  if (newest === undefined || oldestFresh === undefined) return true;
  if (newest.startedAt !== oldestFresh.startedAt) return newest.startedAt > oldestFresh.startedAt;
  return newest.interactionId >= oldestFresh.interactionId;
}

/** Adds the next page at the end. */
export function appendPage(shown: InteractionPage, next: InteractionPage): InteractionPage {
  const known = new Set(shown.items.map(({ interactionId }) => interactionId));
  const added = next.items.filter(({ interactionId }) => !known.has(interactionId));
  return { items: [...shown.items, ...added], cursor: next.cursor };
}
