import { render } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Manifest } from "#shared/archive/manifest.ts";
import { formatDate, formatMinuteOfDay, formatPosition } from "../format.ts";
import { listAddress } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { Toast } from "../ui/toast.tsx";
import { callWords } from "../words/call-words.ts";
import { coverageWords } from "../words/coverage-words.ts";
import { playerWords } from "../words/player-words.ts";
import { DebugOverlay } from "./debug-overlay.tsx";
import { HelpOverlay } from "./help-overlay.tsx";
import { Failures } from "./failures.tsx";
import { Panel } from "./panel.tsx";
import { PlayerModel, type PlayerSource } from "./player-model.ts";
import { listenToKeys, type PlayerActions } from "./shortcuts.ts";
import { Stage } from "./stage.tsx";
import { Timeline } from "./timeline.tsx";
import { Transport } from "./transport.tsx";
import { Trust } from "./trust.tsx";

/**
 * Plays an interaction, all screens and the sound on one clock, until the signal aborts.
 *
 * @param root - filled.
 */
export function mountPlayer(
  root: HTMLElement,
  interaction: Manifest,
  source: PlayerSource,
  signal: AbortSignal,
): void {
  const model = new PlayerModel(interaction, source);
  const startedAt = formatMinuteOfDay(model.startedAt);
  document.title = `${formatDate(model.startedAt)} ${startedAt} · Deskreel`;
  render(<Player model={model} signal={signal} />, root);
  model.start(signal);
  signal.addEventListener("abort", () => render(null, root), { once: true });
}

function Player({ model, signal }: { model: PlayerModel; signal: AbortSignal }) {
  const main = useRef<HTMLElement>(null);
  const player = useMemo(() => actionsOf(model, () => main.current), [model]);
  useEffect(() => {
    listenToKeys(player, signal);
    if (model.audio !== null) main.current?.append(model.audio);
  }, [player]);
  return (
    <main ref={main} class="player" data-interaction={model.interaction.interactionId}>
      <Head model={model} />
      <div class="player-top">
        <Stage model={model} />
        <Panel player={player} />
      </div>
      <Failures model={model} />
      <Timeline model={model} />
      <Transport player={player} />
      <Toast text={model.message} />
      <DebugOverlay model={model} />
      <HelpOverlay model={model} />
    </main>
  );
}

function actionsOf(model: PlayerModel, main: () => HTMLElement | null): PlayerActions {
  return {
    model,
    copyLink() {
      const { link } = model;
      const at = formatPosition(model.positionMs.value);
      navigator.clipboard.writeText(link).then(
        () => (model.message.value = playerWords().copied(at)),
        () => (model.message.value = playerWords().notCopied(link)),
      );
    },
    toggleFullScreen() {
      const leaves = document.fullscreenElement !== null;
      const done = leaves ? document.exitFullscreen() : main()?.requestFullscreen();
      done?.catch((error: unknown) => (model.message.value = String(error)));
    },
    addNote() {
      if (model.source.server?.may.comment !== true) return;
      model.panelTab.value = "notes";
      // The form is there once the tab is drawn.
      requestAnimationFrame(() => main()?.querySelector<HTMLElement>(".note-form textarea")?.focus());
    },
  };
}

function Head({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const call = callWords();
  const { interaction, startedAt, durationMs } = model;
  const { coverage, screens } = interaction;
  const facts = [
    interaction.call["customer"],
    interaction.call["queue"],
    formatPosition(durationMs),
    call.screens(screens.length),
  ].filter((fact) => fact !== undefined);
  return (
    <div class="player-head">
      {model.source.server !== null && (
        <a class="back" href={listAddress.value}>
          <Icon name="back" />
          {words.back}
        </a>
      )}
      <h1>
        {formatDate(startedAt)} {formatMinuteOfDay(startedAt)}
      </h1>
      <span class="facts">{facts.join(" · ")}</span>
      <span class={`verdict ${coverage}`}>
        <Icon name={coverage} />
        {coverageWords().words[coverage]}
      </span>
      <span class="spacer" />
      {model.source.server !== null && <Trust model={model} server={model.source.server} />}
    </div>
  );
}
