import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatPosition } from "../format.ts";
import { Icon } from "../ui/icon.tsx";
import { tip } from "../ui/tooltip.tsx";
import { callWords } from "../words/call-words.ts";
import { playerWords } from "../words/player-words.ts";
import { axisMarks } from "./axis.ts";
import { HoverPreview } from "./hover-preview.tsx";
import { keepFocus } from "./keep-focus.ts";
import { LaneRows } from "./lane-rows.tsx";
import { percent, shownStyle, spanStyle } from "./place-on-axis.ts";
import type { PlayerModel } from "./player-model.ts";
import { WaveformRow } from "./waveform.tsx";

const MOST_MARKS = 9;
const ZOOM_STEP = 1.5;
/** While it is played, a step of the slider's text would be said too often. */
const SAID_EVERY_MS = 1_000;

/** The timeline: a slider with the events, the sound, and a lane for each agent, all on one axis. */
export function Timeline({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const rows = useRef<HTMLDivElement>(null);
  const tracks = useRef<HTMLDivElement>(null);
  const hover = useSignal<{ atMs: number; left: number; label: string } | null>(null);
  useSheetsAhead(model);

  const momentAt = (event: MouseEvent): number | null => {
    const box = tracks.current?.getBoundingClientRect();
    if (box === undefined || event.clientX < box.left - 2) return null;
    const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const { fromMs, toMs } = model.shown.value;
    return fromMs + part * (toMs - fromMs);
  };
  const showHover = (event: PointerEvent) => {
    const atMs = momentAt(event);
    const box = rows.current?.getBoundingClientRect();
    const about = event.target instanceof Element ? event.target.closest("[data-label]") : null;
    const label = about?.getAttribute("data-label") ?? "";
    hover.value = atMs === null || box === undefined ? null : { atMs, left: event.clientX - box.left, label };
  };
  const onPointerDown = (event: PointerEvent) => {
    const atMs = momentAt(event);
    if (event.button !== 0 || atMs === null || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    rows.current?.setPointerCapture(event.pointerId);
    model.seek(atMs);
  };
  const onPointerMove = (event: PointerEvent) => {
    showHover(event);
    const atMs = momentAt(event);
    if (atMs !== null && rows.current?.hasPointerCapture(event.pointerId) === true) model.seek(atMs);
  };

  useEffect(() => {
    const element = rows.current;
    const onWheel = (event: WheelEvent) => {
      const { fromMs, toMs } = model.shown.value;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey)
        model.zoomTimeline(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, momentAt(event) ?? undefined);
      else if (sideways !== 0) model.panTimeline((sideways / 1_000) * (toMs - fromMs));
      else return;
      event.preventDefault();
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [model]);

  return (
    <section class="timeline" aria-label={words.timeline}>
      <div
        ref={rows}
        class="rows"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => (hover.value = null)}
      >
        <RulerRow model={model} />
        <WaveformRow model={model} />
        <LaneRows model={model} />
        <Overlay model={model} tracks={tracks} />
      </div>
      {hover.value !== null && <HoverPreview model={model} {...hover.value} />}
    </section>
  );
}

function RulerRow({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const call = callWords();
  const { durationMs } = model;
  const shown = model.shown.value;
  const isWhole = shown.toMs - shown.fromMs >= durationMs;
  return (
    <div class="row ruler">
      <div class="row-name">
        <button
          type="button"
          class="plain tool"
          aria-label={words.zoomTimelineOut}
          {...tip(words.zoomTimelineOut, true)}
          disabled={isWhole}
          onClick={() => model.zoomTimeline(1 / ZOOM_STEP ** 2)}
        >
          <Icon name="minus" />
        </button>
        <button
          type="button"
          class="plain tool"
          aria-label={words.zoomTimelineIn}
          {...tip(`${words.zoomTimelineIn} (Ctrl + ↕)`, true)}
          onClick={() => model.zoomTimeline(ZOOM_STEP ** 2)}
        >
          <Icon name="plus" />
        </button>
      </div>
      <div class="row-track">
        <Slider model={model} />
        <div class="axis" style={shownStyle(shown, durationMs)}>
          {axisMarks(shown, MOST_MARKS).map((at) => (
            <span key={at} class="axis-mark" style={{ left: percent(at, durationMs) }} aria-hidden="true">
              {formatPosition(at)}
            </span>
          ))}
          {model.interaction.events.map(({ offsetMs, type, agent }, index) => {
            const label = `${formatPosition(offsetMs)} ${call.events[type]} · ${model.nameOf(agent)}`;
            return (
              <button
                key={index}
                type="button"
                class="event-mark"
                tabIndex={-1}
                data-type={type}
                data-label={`${call.events[type]} · ${model.nameOf(agent)}`}
                aria-label={label}
                style={{ left: percent(offsetMs, durationMs) }}
                onPointerDown={keepFocus}
                onClick={() => model.seek(offsetMs)}
              />
            );
          })}
          {model.noteMoments.value.map(({ id, atMs, text }) => (
            <button
              key={id}
              type="button"
              class="note-mark"
              tabIndex={-1}
              data-label={text}
              aria-label={`${formatPosition(atMs)} ${text}`}
              style={{ left: percent(atMs, durationMs) }}
              onPointerDown={keepFocus}
              onClick={() => {
                model.seek(atMs);
                model.panelTab.value = "notes";
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The position for those who do not use a pointer. */
function Slider({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const element = useRef<HTMLDivElement>(null);
  const seconds = Math.floor(model.durationMs / 1_000);
  useSignalEffect(() => {
    const at = Math.floor(model.positionMs.value / SAID_EVERY_MS);
    const { isPlaying } = model.state.value;
    const state = isPlaying ? playerWords().playing : playerWords().paused;
    const text = playerWords().positionText(
      formatPosition(at * SAID_EVERY_MS),
      formatPosition(model.durationMs),
      state,
    );
    element.current?.setAttribute("aria-valuenow", String(at));
    element.current?.setAttribute("aria-valuetext", text);
  });
  return (
    <div
      ref={element}
      class="seek"
      role="slider"
      tabIndex={0}
      aria-label={words.position}
      aria-valuemin={0}
      aria-valuemax={seconds}
      aria-valuenow={0}
    />
  );
}

/** What lies over all rows: the position, the repeated stretch. */
function Overlay({ model, tracks }: { model: PlayerModel; tracks: { current: HTMLDivElement | null } }) {
  const playhead = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    if (playhead.current !== null)
      playhead.current.style.left = percent(model.positionMs.value, model.durationMs);
  });
  const { value: loop } = model.loop;
  const { durationMs } = model;
  return (
    <div class="overlay" ref={tracks}>
      <div class="axis" style={shownStyle(model.shown.value, durationMs)}>
        {loop !== null && (
          <div class="loop" style={spanStyle(loop.fromMs, loop.toMs ?? loop.fromMs, durationMs)} />
        )}
        <div class="playhead" ref={playhead} />
      </div>
    </div>
  );
}

/** Loads all sheets once the screens are there, so that they do not come later and the first hover finds them. */
function useSheetsAhead(model: PlayerModel): void {
  const { thumbnails } = model.artefacts.value;
  const isReady = model.screens.every(({ view }) => view.value.shows !== "loading");
  useEffect(() => {
    if (!isReady) return;
    for (const { sheets: files } of thumbnails ?? [])
      for (const { file } of files) model.sheets.get(file, () => {});
  }, [thumbnails, isReady]);
}
