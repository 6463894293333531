import { fetchSession, type Session } from "./api.ts";
import { h } from "./dom.ts";
import { showList } from "./list/list-view.ts";
import { showPlayer } from "./player/player-view.ts";
import { followAddress, type Place } from "./router.ts";

/** The page's entry: one view at a time, each ended by its signal before the next begins. */
function startPage(root: HTMLElement, session: Session): void {
  let view = new AbortController();
  followAddress((place) => {
    view.abort();
    view = new AbortController();
    showPlace(root, session, place, view.signal);
  });
}

function showPlace(root: HTMLElement, session: Session, place: Place, signal: AbortSignal): void {
  switch (place.view) {
    case "list":
      showList(root, session, signal);
      break;
    case "player":
      void showPlayer(root, place.interactionId, signal);
      break;
    case "nowhere":
      root.replaceChildren(
        h(
          "main",
          { class: "page-note" },
          h("h1", {}, "There is nothing here"),
          h("a", { href: "/" }, "All interactions"),
        ),
      );
      break;
  }
}

fetchSession(new AbortController().signal).then(
  (session) => startPage(document.body, session),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    document.body.replaceChildren(
      h(
        "main",
        { class: "page-note", role: "alert" },
        h("h1", {}, "Deskreel could not be reached"),
        h("p", {}, text),
      ),
    );
  },
);
