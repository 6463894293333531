import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { tip } from "../ui/tooltip.tsx";
import { playerWords } from "../words/player-words.ts";
import { AudioParts } from "./lane-rows.tsx";
import { loudestOf, peakColumns, type Peaks, type Span } from "./peaks.ts";
import { shownStyle } from "./place-on-axis.ts";
import type { PlayerModel } from "./player-model.ts";

/** One bar and the room beside it, in CSS px. */
const BAR_PX = 2;
const GAP_PX = 1;

/** The sound's row: one colour for each channel, the first above and the second below the middle. */
export function WaveformRow({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const { audio } = model.interaction;
  const { peaks } = model.artefacts.value;
  const names = peaks?.channels.length === 2 ? words.channels : [];
  return (
    <div class={`row wave ${peaks === null ? "flat" : ""}`}>
      <div class="row-name" {...tip(words.audio, true)}>
        {names.length === 0 && words.audio}
        {names.map((name, index) => (
          <span key={name} class={`channel channel-${index + 1}`}>
            {name}
          </span>
        ))}
      </div>
      <div class="row-track">
        <div class="axis" style={shownStyle(model.shown.value, model.durationMs)}>
          <AudioParts parts={audio?.parts ?? []} durationMs={model.durationMs} />
        </div>
        {audio === null && <span class="row-note">{words.noAudio}</span>}
        {peaks !== null && <Waveform model={model} peaks={peaks} />}
      </div>
    </div>
  );
}

function Waveform({ model, peaks }: { model: PlayerModel; peaks: Peaks }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const resized = useSignal(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const again = () => (resized.value += 1);
    const sizes = new ResizeObserver(again);
    sizes.observe(element);
    // Colours come from the theme, whether the system's or the chosen one.
    const themes = new MutationObserver(again);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", again);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      system.removeEventListener("change", again);
    };
  }, []);
  const shown = model.shown.value;
  const count = resized.value;
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, peaks, shown);
  }, [peaks, shown, count]);
  return <canvas ref={canvas} class="waveform" aria-hidden="true" />;
}

function draw(canvas: HTMLCanvasElement, peaks: Peaks, shown: Span): void {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  context.scale(ratio, ratio);
  const columns = Math.floor(width / (BAR_PX + GAP_PX));
  const loudest = loudestOf(peaks);
  // The style sheet's two colours as they are here: custom properties would still name both appearances.
  const style = getComputedStyle(canvas);
  const isStereo = peaks.channels.length > 1;
  const room = height / 2 - 1;
  for (const [index, channel] of peaks.channels.slice(0, 2).entries()) {
    context.fillStyle = index === 0 ? style.color : style.outlineColor;
    for (const [column, value] of peakColumns(channel, peaks.perSecond, shown, columns).entries()) {
      // The root shows quiet voices too.
      const bar = Math.max(0.5, Math.sqrt(value / loudest) * room);
      const top = isStereo && index === 1 ? height / 2 : height / 2 - bar;
      context.fillRect(column * (BAR_PX + GAP_PX), top, BAR_PX, isStereo ? bar : bar * 2);
    }
  }
}
