import type { ManifestEvent } from "#shared/archive/call-stretches.ts";
import { h, setAttributes, setText } from "../dom.ts";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { EVENT_TEXTS } from "../words.ts";

/** The bar with the events on it; everything placed in percent of the interaction. */
export interface SeekBar {
  readonly element: HTMLElement;
  update(positionMs: number): void;
}

export interface SeekBarOptions {
  durationMs: number;
  /** Epoch ms. */
  startedAt: number;
  events: readonly ManifestEvent[];
  nameOf: (agent: string) => string;
  seek: (positionMs: number) => void;
}

export function createSeekBar({ durationMs, startedAt, events, nameOf, seek }: SeekBarOptions): SeekBar {
  const played = h("div", { class: "seek-played" });
  const knob = h("div", { class: "seek-knob" });
  const bubble = h("div", { class: "seek-bubble", hidden: true });
  const track = h("div", { class: "seek-track" }, played);
  const slider = h(
    "div",
    { class: "seek", role: "slider", tabindex: 0, "aria-label": "Position", "aria-valuemin": 0 },
    track,
    knob,
    bubble,
  );
  setAttributes(slider, { "aria-valuemax": Math.round(durationMs / 1000) });
  for (const event of events) {
    const mark = h("button", { class: "seek-mark", type: "button", tabindex: -1 });
    const text = `${formatPosition(event.offsetMs)} ${EVENT_TEXTS[event.type]} · ${nameOf(event.agent)}`;
    setAttributes(mark, { "aria-label": text, "data-type": event.type });
    mark.style.left = percent(event.offsetMs, durationMs);
    mark.addEventListener("pointerdown", (pointer) => {
      pointer.stopPropagation();
      pointer.preventDefault();
    });
    mark.addEventListener("click", () => seek(event.offsetMs));
    mark.addEventListener("pointerenter", () => showBubble(bubble, event.offsetMs, durationMs, text));
    mark.addEventListener("pointerleave", () => (bubble.hidden = true));
    slider.append(mark);
  }

  const positionAt = (pointer: PointerEvent) => {
    const box = track.getBoundingClientRect();
    return Math.max(0, Math.min(1, (pointer.clientX - box.left) / box.width)) * durationMs;
  };
  slider.addEventListener("pointerdown", (pointer) => {
    if (pointer.button !== 0) return;
    slider.setPointerCapture(pointer.pointerId);
    seek(positionAt(pointer));
  });
  slider.addEventListener("pointermove", (pointer) => {
    const at = positionAt(pointer);
    if (slider.hasPointerCapture(pointer.pointerId)) seek(at);
    else if (pointer.target instanceof Element && pointer.target.matches(".seek-mark")) return;
    showBubble(bubble, at, durationMs, `${formatPosition(at)} · ${formatTimeOfDay(startedAt + at)}`);
  });
  slider.addEventListener("pointerleave", () => (bubble.hidden = true));

  return {
    element: slider,
    update(positionMs) {
      const place = percent(positionMs, durationMs);
      played.style.width = place;
      knob.style.left = place;
      setAttributes(slider, {
        "aria-valuenow": Math.round(positionMs / 1000),
        "aria-valuetext": `${formatPosition(positionMs)} of ${formatPosition(durationMs)}`,
      });
    },
  };
}

/** A place on the timeline as CSS percentage. */
export function percent(ms: number, durationMs: number): string {
  return `${durationMs === 0 ? 0 : (100 * Math.max(0, Math.min(durationMs, ms))) / durationMs}%`;
}

function showBubble(bubble: HTMLElement, at: number, durationMs: number, text: string): void {
  setText(bubble, text);
  bubble.style.left = percent(at, durationMs);
  bubble.hidden = false;
}
