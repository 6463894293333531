import { render } from "preact";
import {
  ApiError,
  fetchInteraction,
  fetchSession,
  fileUrl,
  type Interaction,
  request,
  type Session,
} from "../api.ts";
import { Note } from "../ui/note.tsx";
import { playerWords } from "../words/player-words.ts";
import { openServerSide } from "./http-server-side.ts";
import { momentFragment } from "./moment.ts";
import { mountPlayer } from "./player.tsx";

/** A call that has been asked for before anything is shown. */
export interface OpenedCall {
  interactionId: string;
  interaction: Promise<Interaction>;
}

/**
 * Shows the player of an interaction until the signal aborts.
 *
 * @param root - emptied and filled.
 */
export async function showPlayer(
  root: HTMLElement,
  interactionId: string,
  { session, opened }: { session: Session; opened: OpenedCall | null },
  signal: AbortSignal,
): Promise<void> {
  document.title = `${playerWords().title} · Deskreel`;
  render(<Loading />, root);
  let interaction: Interaction;
  try {
    interaction = await (takeOpened(opened, interactionId) ?? fetchInteraction(interactionId, signal));
  } catch (error) {
    if (!signal.aborted) render(<Failure error={error} />, root);
    return;
  }
  if (signal.aborted) return;
  const id = interaction.interactionId;
  render(null, root);
  const source = {
    urlOf: (name: string) => fileUrl(id, name),
    readJson: (name: string) => request<unknown>(fileUrl(id, name), { signal }),
    server: openServerSide(interaction, session, signal),
    onMediaFailed: (positionMs: number) => {
      // Whose session is over is led to the sign-in page by the answer, and from there back to this moment. All else the
      // media's own room says.
      history.replaceState(null, "", momentFragment(positionMs));
      fetchSession(signal).catch(() => {});
    },
  };
  mountPlayer(root, interaction, source, signal);
}

const taken = new WeakSet<OpenedCall>();

/** Once: whoever comes back to it later sees it as it is then. */
function takeOpened(opened: OpenedCall | null, interactionId: string): Promise<Interaction> | null {
  if (opened === null || taken.has(opened) || opened.interactionId !== interactionId) return null;
  taken.add(opened);
  return opened.interaction;
}

function Loading() {
  return (
    <p class="page-note" role="status">
      {playerWords().loading}
    </p>
  );
}

function Failure({ error }: { error: unknown }) {
  const words = playerWords();
  const isUnknown = error instanceof ApiError && error.status === 404;
  return (
    <main class="view">
      <Note title={isUnknown ? words.unknownTitle : words.failedTitle}>
        <p>{isUnknown ? words.unknownDetail : String(error)}</p>
        <p>
          <a href="/">{words.allInteractions}</a>
        </p>
      </Note>
    </main>
  );
}
