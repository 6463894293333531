import type { Manifest } from "#shared/archive/manifest.ts";
import { formatFine } from "../format.ts";
import { tip } from "../ui/tooltip.tsx";
import { callWords } from "../words/call-words.ts";
import { playerWords } from "../words/player-words.ts";
import type { AgentLane, ManifestScreen } from "./lanes.ts";
import { shownStyle, spanStyle } from "./place-on-axis.ts";
import type { PlayerModel } from "./player-model.ts";

type AudioPart = NonNullable<Manifest["audio"]>["parts"][number];

/** What each agent did, and what of each of their screens is there. */
export function LaneRows({ model }: { model: PlayerModel }) {
  return (
    <>
      {model.lanes.map((lane) => (
        <LaneRow key={lane.agent} model={model} lane={lane} />
      ))}
    </>
  );
}

function LaneRow({ model, lane }: { model: PlayerModel; lane: AgentLane }) {
  const call = callWords();
  const words = playerWords();
  const { durationMs } = model;
  return (
    <div class="row lane">
      <div class="row-name" {...tip(lane.name, true)}>
        {lane.name}
      </div>
      <div class="row-track">
        <div class="axis" style={shownStyle(model.shown.value, durationMs)}>
          <div class="lane-states">
            {lane.stretches.map(({ fromMs, toMs, state }) => (
              <div
                key={fromMs}
                class={`stretch ${state}`}
                style={spanStyle(fromMs, toMs, durationMs)}
                data-label={`${call.states[state]}, ${words.range(formatFine(fromMs), formatFine(toMs))}`}
              >
                <span>{call.states[state]}</span>
              </div>
            ))}
          </div>
          {lane.screens.map((screen) => (
            <ScreenStrip key={screen.file} screen={screen} durationMs={durationMs} />
          ))}
        </div>
      </div>
    </div>
  );
}

function ScreenStrip({ screen, durationMs }: { screen: ManifestScreen; durationMs: number }) {
  const call = callWords();
  const words = playerWords();
  return (
    <div class="lane-screen">
      {screen.coverage.map((stretch) => {
        const { fromMs, toMs, state } = stretch;
        const what = call.stretch(stretch);
        const range = words.range(formatFine(fromMs), formatFine(toMs));
        return (
          <div
            key={fromMs}
            class={`cover ${state}`}
            style={spanStyle(fromMs, toMs, durationMs)}
            data-label={`${words.monitor(screen.display)} · ${screen.desktop}: ${what}, ${range}`}
          >
            {state !== "captured" && <span>{what}</span>}
          </div>
        );
      })}
    </div>
  );
}

/** Where the parts of the sound lie, and how sure that is. */
export function AudioParts({ parts, durationMs }: { parts: readonly AudioPart[]; durationMs: number }) {
  const words = playerWords();
  return (
    <>
      {parts.map(({ sourceId, offsetMs, durationMs: length, placement, uncertaintyMs }) => (
        <div
          key={sourceId}
          class="audio-part"
          style={spanStyle(offsetMs, offsetMs + length, durationMs)}
          data-label={words.audioPart(
            words.range(formatFine(offsetMs), formatFine(offsetMs + length)),
            words.placements[placement],
            uncertaintyMs,
          )}
        />
      ))}
    </>
  );
}
