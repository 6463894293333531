import { signal } from "@preact/signals";

/** What the page shows. */
export type Place =
  | { view: "list" }
  | { view: "player"; interactionId: string }
  | { view: "coverage" }
  | { view: "live" }
  | { view: "audit" }
  | { view: "accounts" }
  | { view: "nowhere" };

/** The address, as far as the page goes by it; whoever reads it follows it. */
export const address = signal({ path: "/", search: "" });

/** Where the list was seen last, with all that was chosen there. */
export const listAddress = signal("/");

/** The place of a path, e.g. `/interactions/a1c2…`. */
export function placeOf(path: string): Place {
  if (path === "/") return { view: "list" };
  if (path === "/coverage") return { view: "coverage" };
  if (path === "/live") return { view: "live" };
  if (path === "/audit") return { view: "audit" };
  if (path === "/accounts") return { view: "accounts" };
  const id = /^\/interactions\/([A-Za-z0-9-]{1,64})$/.exec(path)?.[1];
  return id === undefined ? { view: "nowhere" } : { view: "player", interactionId: id.toLowerCase() };
}

/** The path of an interaction's player. */
export function pathOf(interactionId: string): string {
  return `/interactions/${interactionId}`;
}

/** Goes to an address of this page: as a step that the browser's back undoes, or in place of the step before. */
export function goTo(href: string, how: "step" | "replace" = "step"): void {
  if (how === "step") history.pushState(null, "", href);
  else history.replaceState(null, "", href);
  readAddress();
}

/**
 * Keeps {@link address} up to date: links inside the page, back and forward. Links keep working with a modifier key.
 */
export function followAddress(): void {
  readAddress();
  addEventListener("popstate", readAddress);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin || placeOf(link.pathname).view === "nowhere") return;
    // A place in this page is the browser's own affair.
    if (link.hash !== "" && link.pathname === location.pathname) return;
    event.preventDefault();
    goTo(link.href);
  });
}

function readAddress(): void {
  const { pathname: path, search } = location;
  const { value } = address;
  if (value.path !== path || value.search !== search) address.value = { path, search };
  if (placeOf(path).view === "list") listAddress.value = path + search;
}
