import { ApiError, exportUrl, fetchInteraction, fileUrl, type Interaction } from "../api.ts";
import { h } from "../dom.ts";
import { mountPlayer } from "./player.ts";

/**
 * Shows the player of an interaction until the signal aborts.
 *
 * @param root - emptied and filled.
 */
export async function showPlayer(
  root: HTMLElement,
  interactionId: string,
  signal: AbortSignal,
): Promise<void> {
  document.title = "Interaction · Deskreel";
  root.replaceChildren(h("p", { class: "page-note", role: "status" }, "Loading…"));
  let interaction: Interaction;
  try {
    interaction = await fetchInteraction(interactionId, signal);
  } catch (error) {
    if (signal.aborted) return;
    root.replaceChildren(renderFailure(error));
    return;
  }
  const id = interaction.interactionId;
  const server = { exportUrl: exportUrl(id) };
  mountPlayer(root, interaction, { urlOf: (name) => fileUrl(id, name), server }, signal);
}

function renderFailure(error: unknown): HTMLElement {
  const isUnknown = error instanceof ApiError && error.status === 404;
  return h(
    "main",
    { class: "page-note", role: "alert" },
    h("h1", {}, isUnknown ? "This interaction is not here" : "The interaction could not be loaded"),
    h("p", {}, isUnknown ? "It may not be archived yet, or the link may be incomplete." : String(error)),
    h("p", {}, h("a", { href: "/" }, "All interactions")),
  );
}
