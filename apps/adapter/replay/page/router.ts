/** What the page shows. */
export type Place = { view: "list" } | { view: "player"; interactionId: string } | { view: "nowhere" };

/** The place of a path, e.g. `/interactions/a1c2…`. */
export function placeOf(path: string): Place {
  if (path === "/") return { view: "list" };
  const id = /^\/interactions\/([A-Za-z0-9-]{1,64})$/.exec(path)?.[1];
  return id === undefined ? { view: "nowhere" } : { view: "player", interactionId: id.toLowerCase() };
}

/** The path of an interaction's player. */
export function pathOf(interactionId: string): string {
  return `/interactions/${interactionId}`;
}

/**
 * Shows places as the address changes: links inside the page, back and forward. Links keep working with a modifier key.
 *
 * @param show - told of every new place.
 * @returns ends it.
 */
export function followAddress(show: (place: Place) => void): () => void {
  const following = new AbortController();
  const { signal } = following;
  addEventListener("popstate", () => show(placeOf(location.pathname)), { signal });
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin || placeOf(link.pathname).view === "nowhere") return;
    // A place in this page is the browser's own affair.
    if (link.hash !== "" && link.pathname === location.pathname) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    show(placeOf(link.pathname));
  };
  document.addEventListener("click", onClick, { signal });
  return () => following.abort();
}
