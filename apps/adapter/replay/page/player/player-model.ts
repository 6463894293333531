import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Manifest } from "#shared/archive/manifest.ts";
import { nameLookup } from "../people.ts";
import {
  type ArtefactFault,
  type Artefacts,
  loadArtefacts,
  loadPictures,
  NO_ARTEFACTS,
} from "./artefacts.ts";
import { followAxis, panAxis, zoomAxis } from "./axis.ts";
import { type AgentLane, agentLanes } from "./lanes.ts";
import { type Loop, markLoop } from "./loop.ts";
import { momentFragment, parseMoment } from "./moment.ts";
import { eventBeside } from "./next-event.ts";
import { findSilences, type Span } from "./peaks.ts";
import type { Pictures } from "./pictures.ts";
import { Playback, type PlaybackState } from "./playback.ts";
import type { ServerSide } from "./server-side.ts";
import { NO_VIEW, ScreenPlayer, type ScreenView } from "./screen-player.ts";
import { holdSpans, planSkips, type SkipChoice, SKIPPED_SILENCE_MS } from "./skips.ts";
import { SheetStore } from "./sheet-store.ts";
import { Sound } from "./sound.ts";

export const LAYOUTS = ["grid", "focus", "inset"] as const;
export type Layout = (typeof LAYOUTS)[number];
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
/** How far the jump buttons and the arrow keys go. */
export const JUMP_MS = 10_000;

/** Where a player has its media from, and what else is there. */
export interface PlayerSource {
  /** The address of a file of the interaction. */
  urlOf: (name: string) => string;
  /** Gives a JSON file of the interaction. */
  readJson: (name: string) => Promise<unknown>;
  /** Null in a file that was exported: then there is nothing to ask. */
  server: ServerSide | null;
  /** Told when a medium could not be loaded: it may be that whoever looks is not signed in any more. */
  onMediaFailed?: (positionMs: number) => void;
}

/** Volume of all and of each channel, 0 to 1. */
export interface Volume {
  all: number;
  isMuted: boolean;
  sides: readonly [number, number];
}

/** One screen with what its room shows. */
export interface ModelScreen {
  player: ScreenPlayer;
  name: string;
  view: ReadonlySignal<ScreenView>;
}

/** Everything that the play view's components show and do. */
export class PlayerModel {
  readonly interaction: Manifest;
  readonly source: PlayerSource;
  readonly durationMs: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly lanes: readonly AgentLane[];
  readonly screens: readonly ModelScreen[];
  readonly nameOf: (agent: string) => string;
  readonly holds: readonly Span[];
  readonly sheets: SheetStore;

  /** Changes with every picture that the browser draws. */
  readonly positionMs = signal(0);
  readonly state: Signal<PlaybackState>;
  readonly audioError = signal<number | null>(null);
  readonly layout = signal<Layout>("grid");
  /** Index of the screen that is large, in the layouts that have one. */
  readonly large = signal(0);
  readonly shown: Signal<Span>;
  readonly skipChoice = signal<SkipChoice>({ silence: false, hold: false });
  readonly loop = signal<Loop | null>(null);
  readonly volume = signal<Volume>({ all: 1, isMuted: false, sides: [1, 1] });
  readonly artefacts = signal<Artefacts>(NO_ARTEFACTS);
  /** Why nobody knows when pictures begin; null also while nobody needs it. */
  readonly picturesFault = signal<ArtefactFault | null>(null);
  /** Sheets of small pictures that could not be loaded. */
  readonly missingSheets = signal<readonly string[]>([]);
  readonly silences: ReadonlySignal<readonly Span[]>;
  readonly noteMoments = signal<readonly { id: string; atMs: number; text: string }[]>([]);
  readonly isHelpOpen = signal(false);
  readonly isDebugOpen = signal(false);
  readonly panelTab = signal<"events" | "notes" | "audit">("events");
  /** What assistive technology is told, and a short line shows. */
  readonly message = signal("");

  readonly audio: HTMLAudioElement | null;
  readonly #sound: Sound | null;
  readonly #playback: Playback;
  #pictures: Promise<Pictures | null> | null = null;
  #animation = 0;
  #isOver = false;

  constructor(interaction: Manifest, source: PlayerSource) {
    this.interaction = interaction;
    this.source = source;
    this.durationMs = interaction.durationMs;
    this.startedAt = Date.parse(interaction.startedAt);
    this.nameOf = nameLookup(interaction);
    this.lanes = agentLanes(interaction);
    this.holds = holdSpans(this.lanes);
    this.sheets = new SheetStore(source.urlOf, (file) => {
      if (!this.#isOver) this.missingSheets.value = [...this.missingSheets.value, file];
    });
    this.shown = signal({ fromMs: 0, toMs: Math.max(1, interaction.durationMs) });
    this.state = signal({ positionMs: 0, isPlaying: false, isWaiting: false, rate: 1 });
    this.silences = computed(() => this.#findSilences());
    const tick = () => this.#playback.tick();
    const openedAt = parseMoment(location.hash) ?? 0;
    this.audio = this.#createAudio(tick);
    this.#sound = this.audio === null ? null : new Sound(this.audio);
    this.screens = interaction.screens.map((screen) => {
      const view = signal(NO_VIEW);
      const onView = (next: ScreenView) => {
        if (next.shows === "failed" && view.value.shows !== "failed")
          source.onMediaFailed?.(this.#playback.positionMs);
        view.value = next;
      };
      const player = new ScreenPlayer(screen, source.urlOf(screen.file), openedAt, tick, onView);
      return { player, name: this.nameOf(screen.agent), view };
    });
    const players = this.screens.map(({ player }) => player);
    this.#playback = new Playback(this.audio, players, this.durationMs, (state) => this.#show(state));
    this.#seekToFragment();
    this.#playback.tick();
  }

  /** Shows the position with each picture of the browser, loads what is extra, and follows the address. */
  start(signal: AbortSignal): void {
    const animate = () => {
      this.positionMs.value = this.#playback.positionMs;
      if (this.state.value.isPlaying)
        this.shown.value = followAxis(this.shown.value, this.positionMs.value, this.durationMs);
      this.#animation = requestAnimationFrame(animate);
    };
    animate();
    addEventListener("hashchange", () => this.#seekToFragment(), { signal });
    void loadArtefacts(this.interaction, this.source.readJson).then((artefacts) => {
      this.artefacts.value = artefacts;
    });
    const endEffect = effect(() => this.#playback.setFirst(this.#largePlayer()));
    signal.addEventListener("abort", endEffect, { once: true });
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  get canMoveSides(): boolean {
    return this.source.server !== null && this.artefacts.value.peaks?.channels.length === 2;
  }

  toggle(): void {
    this.#playback.toggle();
  }

  /** Loads the sound once more, from where one is. */
  retrySound(): void {
    this.audioError.value = null;
    this.audio?.load();
    this.seek(this.#playback.positionMs);
  }

  seek(positionMs: number): void {
    this.#playback.seek(positionMs);
    this.positionMs.value = this.#playback.positionMs;
    this.shown.value = followAxis(this.shown.value, this.positionMs.value, this.durationMs);
  }

  jump(byMs: number): void {
    this.seek(this.#playback.positionMs + byMs);
  }

  goToEvent(way: 1 | -1): void {
    const offsets = this.interaction.events.map(({ offsetMs }) => offsetMs);
    const to = eventBeside(offsets, this.#playback.positionMs, way);
    if (to !== null) this.seek(to);
  }

  /** Goes through the pictures of the large screen, or of the first one that has any here. */
  stepPicture(way: 1 | -1): void {
    const large = this.#largePlayer();
    const players = this.screens.map(({ player }) => player);
    const screen = large?.isShowing === true ? large : players.find(({ isShowing }) => isShowing);
    if (screen === undefined) return;
    this.#pictures ??= this.#loadPictures();
    const times = this.#pictures.then((pictures) => pictures?.get(screen.screen.file) ?? null);
    void this.#playback.step(screen, way, times);
  }

  setRate(rate: number): void {
    this.#playback.setRate(rate);
  }

  /** The next faster or slower speed. */
  changeRate(way: 1 | -1): void {
    const index = RATES.indexOf(this.state.value.rate) + way;
    this.setRate(RATES[Math.max(0, Math.min(RATES.length - 1, index))] ?? 1);
  }

  chooseSkips(choice: Partial<SkipChoice>): void {
    this.skipChoice.value = { ...this.skipChoice.value, ...choice };
    this.#setJumps();
  }

  markLoop(): void {
    this.loop.value = markLoop(this.loop.value, this.#playback.positionMs);
    this.#setJumps();
  }

  setVolume(change: Partial<Volume>): void {
    const volume = { ...this.volume.value, ...change };
    this.volume.value = volume;
    this.#sound?.setVolume(volume.all, volume.isMuted);
    if (change.sides !== undefined) this.#sound?.setSides(change.sides);
  }

  showLarge(
    index: number,
    layout: Layout = this.layout.value === "grid" ? "focus" : this.layout.value,
  ): void {
    if (this.screens[index] === undefined) return;
    batch(() => {
      this.large.value = index;
      this.layout.value = this.screens.length > 1 ? layout : "grid";
    });
  }

  zoomTimeline(factor: number, aroundMs = this.#playback.positionMs): void {
    this.shown.value = zoomAxis(this.shown.value, factor, aroundMs, this.durationMs);
  }

  panTimeline(byMs: number): void {
    this.shown.value = panAxis(this.shown.value, byMs, this.durationMs);
  }

  /** The address of this moment. */
  get link(): string {
    return `${location.href.split("#")[0]}${momentFragment(this.#playback.positionMs)}`;
  }

  #createAudio(onChange: () => void): HTMLAudioElement | null {
    const { audio } = this.interaction;
    if (audio === null) return null;
    const element = document.createElement("audio");
    element.src = this.source.urlOf(audio.file);
    element.preload = "auto";
    // A voice at another speed is the same voice.
    element.preservesPitch = true;
    for (const type of ["loadeddata", "canplay", "seeked", "waiting", "ended", "error"])
      element.addEventListener(type, onChange);
    element.addEventListener("error", () => {
      this.audioError.value = element.error?.code ?? null;
      this.source.onMediaFailed?.(this.#playback.positionMs);
    });
    return element;
  }

  #show(state: PlaybackState): void {
    const { isPlaying, isWaiting, rate } = this.state.value;
    if (state.isPlaying === isPlaying && state.isWaiting === isWaiting && state.rate === rate) return;
    this.state.value = state;
  }

  #findSilences(): readonly Span[] {
    const { peaks } = this.artefacts.value;
    if (peaks === null) return [];
    const sounds = (this.interaction.audio?.parts ?? []).map(({ offsetMs, durationMs }) => ({
      fromMs: offsetMs,
      toMs: offsetMs + durationMs,
    }));
    return findSilences(peaks, sounds, SKIPPED_SILENCE_MS);
  }

  #setJumps(): void {
    const skips = planSkips(this.skipChoice.value, this.silences.value, this.holds);
    this.#playback.setJumps({ skips, loop: this.loop.value });
  }

  async #loadPictures(): Promise<Pictures | null> {
    const { decoded, fault } = await loadPictures(this.interaction, this.source.readJson);
    this.picturesFault.value = fault;
    return decoded;
  }

  #seekToFragment(): void {
    const moment = parseMoment(location.hash);
    if (moment !== null) this.seek(moment);
  }

  /** Null where all screens are alike. */
  #largePlayer(): ScreenPlayer | null {
    return this.layout.value === "grid" ? null : (this.screens[this.large.value]?.player ?? null);
  }

  #end(): void {
    this.#isOver = true;
    cancelAnimationFrame(this.#animation);
    this.#playback[Symbol.dispose]();
    for (const { player } of this.screens) player[Symbol.dispose]();
    this.audio?.removeAttribute("src");
    this.audio?.load();
  }
}
