import { h, setAttributes, setText } from "../dom.ts";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { icon } from "../icons.ts";
import type { PlaybackState } from "./playback.ts";

/** How far the jump buttons and the arrow keys go. */
export const JUMP_MS = 10_000;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** What the buttons and keys do. */
export interface TransportActions {
  toggle(): void;
  jump(byMs: number): void;
  setRate(rate: number): void;
}

/** The bottom line: play, jumps, time, speed. */
export interface Transport {
  readonly element: HTMLElement;
  update(state: PlaybackState): void;
}

/** @param startedAt - of the interaction, epoch ms; for the wall-clock time. */
export function createTransport(durationMs: number, startedAt: number, actions: TransportActions): Transport {
  const playButton = h("button", { class: "play", type: "button" });
  const back = h("button", { type: "button", title: "Back 10 s (←)" }, "−10");
  const forward = h("button", { type: "button", title: "Forward 10 s (→)" }, "+10");
  const position = h("span", { class: "position" });
  const wallClock = h("span", { class: "wall-clock", title: "Time of day at this position" });
  const status = h("span", { class: "transport-status", role: "status" });
  const speed = h("select", { "aria-label": "Speed" });
  for (const rate of RATES) speed.append(h("option", { value: rate, selected: rate === 1 }, `${rate}×`));

  // A pressed button must not keep the focus: the next space bar means play, not "once more".
  for (const button of [playButton, back, forward])
    button.addEventListener("pointerdown", (event) => event.preventDefault());
  playButton.addEventListener("click", () => actions.toggle());
  back.addEventListener("click", () => actions.jump(-JUMP_MS));
  forward.addEventListener("click", () => actions.jump(JUMP_MS));
  speed.addEventListener("change", () => {
    actions.setRate(Number(speed.value));
    speed.blur();
  });

  let shown: boolean | null = null;
  return {
    element: h(
      "div",
      { class: "transport" },
      playButton,
      back,
      forward,
      position,
      status,
      h("span", { class: "spacer" }),
      wallClock,
      h("label", { class: "speed" }, "Speed", speed),
    ),
    update({ positionMs, isPlaying, isWaiting }) {
      if (shown !== isPlaying) {
        shown = isPlaying;
        const label = isPlaying ? "Pause" : "Play";
        playButton.replaceChildren(icon(isPlaying ? "pause" : "play"));
        setAttributes(playButton, { "aria-label": label, title: `${label} (space)` });
      }
      setText(position, `${formatPosition(positionMs)} / ${formatPosition(durationMs)}`);
      setText(wallClock, formatTimeOfDay(startedAt + positionMs));
      setText(status, isWaiting ? "Loading…" : "");
    },
  };
}
