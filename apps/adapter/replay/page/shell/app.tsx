import { useEffect, useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { showList } from "../list/list-view.ts";
import { showPlayer } from "../player/player-view.tsx";
import { followAddress, type Place, placeOf } from "../router.ts";
import { Mounted } from "../ui/mounted.tsx";
import { Note } from "../ui/note.tsx";
import { shellWords } from "../words/shell-words.ts";
import { Header } from "./header.tsx";

/** The page: the header, and below it the view that the address names. */
export function App({ session }: { session: Session }) {
  const [place, setPlace] = useState(placeOf(location.pathname));
  useEffect(() => followAddress(setPlace), []);
  return (
    <>
      <a class="skip" href="#view">
        {shellWords().skip}
      </a>
      <Header session={session} place={place} />
      <div id="view" tabIndex={-1}>
        <View session={session} place={place} />
      </div>
    </>
  );
}

function View({ session, place }: { session: Session; place: Place }) {
  switch (place.view) {
    case "list":
      return <Mounted of="list" mount={(root, signal) => showList(root, session, signal)} />;
    case "player": {
      const { interactionId } = place;
      const mount = (root: HTMLElement, signal: AbortSignal) =>
        void showPlayer(root, interactionId, session, signal);
      return <Mounted key={interactionId} of={interactionId} mount={mount} />;
    }
    case "nowhere":
      return <Nowhere />;
  }
}

function Nowhere() {
  const words = shellWords();
  return (
    <main class="view">
      <Note title={words.nothingHere}>
        <a href="/">{words.allInteractions}</a>
      </Note>
    </main>
  );
}
