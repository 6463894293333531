import { render } from "preact";
import { fetchHistogram, fetchInteraction, fetchInteractions, fetchSession } from "./api.ts";
import { watchAttention } from "./attention.ts";
import "./main.css";
import { readFilters } from "./find/filters.ts";
import { FindState } from "./find/find-state.ts";
import type { OpenedCall } from "./player/player-view.tsx";
import { address, followAddress, type Place, placeOf } from "./router.ts";
import { App } from "./shell/app.tsx";
import { startTheme } from "./shell/theme.ts";
import { ErrorNote } from "./ui/note.tsx";
import { startLanguage } from "./words/language.ts";
import { shellWords } from "./words/shell-words.ts";

startTheme();
startLanguage();
followAddress();
watchAttention();
const find = new FindState(fetchInteractions, fetchHistogram);
const opened = startOpening(placeOf(address.value.path));
fetchSession(new AbortController().signal).then(
  (session) => render(<App session={session} find={find} opened={opened} />, document.body),
  (error: unknown) => render(<Unreachable detail={String(error)} />, document.body),
);

/** What is shown first is on its way before it is known who asks: the server knows. */
function startOpening(place: Place): OpenedCall | null {
  if (place.view === "list") find.show(readFilters(address.value.search));
  if (place.view !== "player") return null;
  const { interactionId } = place;
  const interaction = fetchInteraction(interactionId, new AbortController().signal);
  // Whoever shows it is told why it is not there; where the session cannot be had, nobody shows it.
  interaction.catch(() => {});
  return { interactionId, interaction };
}

function Unreachable({ detail }: { detail: string }) {
  const words = shellWords();
  return (
    <main class="view">
      <ErrorNote
        title={words.unreachable}
        detail={detail}
        again={words.tryAgain}
        onAgain={() => location.reload()}
      />
    </main>
  );
}
