import type { Session } from "../api.ts";
import { AccountsView } from "../accounts/accounts-view.tsx";
import { AuditView } from "../audit/audit-view.tsx";
import { CoverageView } from "../coverage/coverage-view.tsx";
import type { FindState } from "../find/find-state.ts";
import { FindView } from "../find/find-view.tsx";
import { LiveView } from "../live/live-view.tsx";
import { type OpenedCall, showPlayer } from "../player/player-view.tsx";
import { address, type Place, placeOf } from "../router.ts";
import { Mounted } from "../ui/mounted.tsx";
import { Note } from "../ui/note.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { shellWords } from "../words/shell-words.ts";
import { Header } from "./header.tsx";

/** The page: the header, and below it the view that the address names. */
export function App(props: { session: Session; find: FindState; opened: OpenedCall | null }) {
  const { session } = props;
  const place = placeOf(address.value.path);
  return (
    <>
      <a class="skip" href="#view">
        {shellWords().skip}
      </a>
      <Header session={session} place={place} />
      <Tooltip />
      <div id="view" tabIndex={-1}>
        <View {...props} place={place} />
      </div>
    </>
  );
}

interface ViewProps {
  session: Session;
  place: Place;
  find: FindState;
  /** The call with which the page was opened. */
  opened: OpenedCall | null;
}

function View({ session, place, find, opened }: ViewProps) {
  switch (place.view) {
    case "list":
      return <FindView session={session} state={find} />;
    case "player": {
      const { interactionId } = place;
      const mount = (root: HTMLElement, signal: AbortSignal) =>
        void showPlayer(root, interactionId, { session, opened }, signal);
      return <Mounted key={interactionId} of={interactionId} mount={mount} />;
    }
    case "coverage":
      return <CoverageView />;
    case "live":
      return <LiveView />;
    case "audit":
      return <AuditView />;
    case "accounts":
      return <AccountsView />;
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
