import type { Manifest } from "#shared/archive/manifest.ts";
import { h } from "../dom.ts";
import { formatDate, formatMinuteOfDay, formatPosition } from "../format.ts";
import { icon } from "../icons.ts";
import { nameLookup } from "../people.ts";
import { renderVerdict } from "../verdict.ts";
import { countOf } from "../words.ts";
import { createEventList } from "./event-list.ts";
import { listenToKeys } from "./keys.ts";
import { renderLanes } from "./lane-chart.ts";
import { agentLanes } from "./lanes.ts";
import { Playback } from "./playback.ts";
import { describeMediaError, ScreenTile } from "./screen-tile.ts";
import { createSeekBar } from "./seek-bar.ts";
import { createStage } from "./stage.ts";
import { createTransport } from "./transport.ts";

/** Where a player has its media from, and what else is there. */
export interface PlayerSource {
  /** The address of a file of the interaction. */
  urlOf: (name: string) => string;
  /** Null in a file that was exported: then there is nothing to go to. */
  server: { exportUrl: string } | null;
}

/**
 * Plays an interaction, all screens and the sound on one clock, until the signal aborts.
 *
 * @param root - emptied and filled.
 */
export function mountPlayer(
  root: HTMLElement,
  interaction: Manifest,
  source: PlayerSource,
  signal: AbortSignal,
): void {
  const { interactionId, durationMs, events } = interaction;
  const startedAt = Date.parse(interaction.startedAt);
  const nameOf = nameLookup(interaction);
  document.title = `${formatDate(startedAt)} ${formatMinuteOfDay(startedAt)} · Deskreel`;

  const tick = () => playback.tick();
  const audioFailure = h("p", { class: "media-failure", role: "alert", hidden: true });
  const audio = interaction.audio === null ? null : createAudio(source.urlOf(interaction.audio.file), tick);
  audio?.addEventListener("error", () => {
    const reason = audio.error === null ? "" : describeMediaError(audio.error);
    audioFailure.replaceChildren(icon("warning"), `${interaction.audio?.file} cannot be played. ${reason}`);
    audioFailure.hidden = false;
  });
  const tiles = interaction.screens.map(
    (screen) => new ScreenTile(screen, source.urlOf(screen.file), nameOf(screen.agent), tick),
  );
  const stage = createStage(tiles, signal);
  const seek = (positionMs: number) => playback.seek(positionMs);
  const eventList = createEventList(events, startedAt, nameOf, seek);
  const seekBar = createSeekBar({ durationMs, startedAt, events, nameOf, seek });
  const actions = {
    toggle: () => playback.toggle(),
    jump: (byMs: number) => seek(playback.positionMs + byMs),
    setRate: (rate: number) => playback.setRate(rate),
    leaveEnlarged: () => stage.showSideBySide(),
  };
  const transport = createTransport(durationMs, startedAt, actions);
  const lanes = renderLanes(interaction, agentLanes(interaction), seek);
  const playhead = h("div", { class: "playhead" });
  const laneRoom = h("div", { class: "lane-room" }, ...lanes, h("div", { class: "playhead-room" }, playhead));
  const playback = new Playback(audio, tiles, durationMs, (state) => {
    transport.update(state);
    eventList.update(state.positionMs);
  });

  root.replaceChildren(
    renderHeader(interaction, startedAt, source),
    h(
      "main",
      { class: "player", "data-interaction": interactionId },
      h("div", { class: "player-top" }, stage.element, eventList.element),
      audioFailure,
      h("div", { class: "timeline" }, seekBar.element, h("div", { class: "lanes" }, laneRoom)),
      transport.element,
    ),
  );
  if (audio !== null) root.append(audio);
  listenToKeys(actions, signal);
  animate(() => {
    seekBar.update(playback.positionMs);
    playhead.style.left = `${(100 * playback.positionMs) / Math.max(1, durationMs)}%`;
  }, signal);
  signal.addEventListener(
    "abort",
    () => {
      playback[Symbol.dispose]();
      for (const tile of tiles) tile[Symbol.dispose]();
      audio?.removeAttribute("src");
      audio?.load();
    },
    { once: true },
  );
  playback.tick();
}

function createAudio(url: string, onChange: () => void): HTMLAudioElement {
  const audio = h("audio", { src: url, preload: "auto" });
  for (const type of ["loadeddata", "canplay", "seeked", "waiting", "ended", "error"])
    audio.addEventListener(type, onChange);
  return audio;
}

function renderHeader(
  { call, durationMs, coverage, screens }: Manifest,
  startedAt: number,
  { server }: PlayerSource,
): HTMLElement {
  const facts = [
    call["customer"],
    call["queue"],
    formatPosition(durationMs),
    countOf(screens.length, "screen"),
  ].filter((fact) => fact !== undefined);
  return h(
    "header",
    { class: "bar" },
    ...(server === null
      ? []
      : [h("a", { class: "back", href: "/", title: "All interactions" }, icon("back"), "Interactions")]),
    h("h1", {}, `${formatDate(startedAt)} ${formatMinuteOfDay(startedAt)}`),
    h("span", { class: "facts" }, facts.join(" · ")),
    h("span", { class: "spacer" }),
    ...(server === null ? [] : [renderExport(server.exportUrl)]),
    renderVerdict(coverage, true),
  );
}

function renderExport(url: string): HTMLElement {
  const title = "A zip with the media, a player that needs no server, and how to verify it";
  return h("a", { class: "export", href: url, download: "", title }, "Export");
}

/** Calls back before each picture that the browser draws. */
function animate(draw: () => void, signal: AbortSignal): void {
  const next = () => {
    if (signal.aborted) return;
    draw();
    requestAnimationFrame(next);
  };
  next();
}
