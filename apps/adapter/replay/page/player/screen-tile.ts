import { h, setText } from "../dom.ts";
import { formatPosition } from "../format.ts";
import { icon } from "../icons.ts";
import { describeStretch } from "../words.ts";
import type { ManifestScreen } from "./lanes.ts";
import { isSettled, placeOnScreen, type Steering, steerScreen, stretchWithoutPicture } from "./sync.ts";

/** The last frames of a file may never be reported as played. */
const TAIL_MS = 120;

/** One screen of the interaction: its picture, and a card in its place when there is none to show. */
export class ScreenTile {
  readonly element: HTMLElement;
  readonly screen: ManifestScreen;
  readonly enlargeButton: HTMLButtonElement;
  readonly #video: HTMLVideoElement;
  readonly #card = h("div", { class: "tile-card", hidden: true });
  readonly #badge = h("div", { class: "tile-badge", hidden: true });
  #isNudging = false;
  #isDuring = false;

  /**
   * @param url - of the screen's file.
   * @param name - the agent's.
   * @param onChange - told when the picture becomes or stops being ready.
   */
  constructor(screen: ManifestScreen, url: string, name: string, onChange: () => void) {
    this.screen = screen;
    this.#video = h("video", {
      src: url,
      preload: "auto",
      playsinline: true,
      "aria-label": `Screen of ${name}`,
    });
    // Its own slice of the audio is for playing the file alone. The attribute alone would not silence it.
    this.#video.muted = true;
    for (const type of ["loadeddata", "canplay", "seeked", "waiting", "error"])
      this.#video.addEventListener(type, onChange);
    this.enlargeButton = h("button", { class: "tile-enlarge", type: "button" });
    const place = `${screen.desktop} · display ${screen.display}`;
    this.element = h(
      "figure",
      { class: "tile", "data-file": screen.file },
      h("figcaption", {}, h("span", { class: "tile-name" }, name), h("span", { class: "tile-place" }, place)),
      h("div", { class: "tile-picture" }, this.#video, this.#badge, this.#card),
    );
    this.element.style.setProperty("--ratio", String(screen.width / screen.height));
    this.element.querySelector("figcaption")?.append(this.enlargeButton);
    this.showEnlarged(false);
  }

  /** Whether the clock has to wait for this screen's picture. */
  get isBlocked(): boolean {
    const video = this.#video;
    if (!this.#isDuring || video.error !== null) return false;
    return video.seeking || video.readyState < video.HAVE_FUTURE_DATA;
  }

  /**
   * Follows the clock.
   *
   * @param positionMs - on the interaction's timeline.
   * @param rate - of the clock, also while it stands.
   */
  follow(positionMs: number, isRunning: boolean, rate: number): void {
    const video = this.#video;
    const place = placeOnScreen(positionMs, this.screen);
    const lengthMs = Number.isFinite(video.duration) ? video.duration * 1000 : this.screen.durationMs;
    this.#isDuring = place.phase === "during" && place.localMs < lengthMs - TAIL_MS;
    this.#show(positionMs, place.phase);
    if (video.error !== null || video.readyState === video.HAVE_NOTHING) return;
    if (place.phase !== "during") {
      if (!video.paused) video.pause();
      return;
    }
    const localMs = Math.min(place.localMs, lengthMs);
    if (video.seeking) return;
    if (isRunning && this.#isDuring) this.#steer(localMs, rate);
    else this.#settle(localMs);
  }

  showEnlarged(isEnlarged: boolean): void {
    this.element.classList.toggle("enlarged", isEnlarged);
    const label = isEnlarged ? "Show side by side" : "Enlarge";
    this.enlargeButton.replaceChildren(icon(isEnlarged ? "shrink" : "enlarge"));
    this.enlargeButton.title = label;
    this.enlargeButton.ariaLabel = label;
  }

  /** Lets go of the file: a removed element would go on loading it. */
  [Symbol.dispose](): void {
    this.#video.pause();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #steer(localMs: number, rate: number): void {
    const video = this.#video;
    const steering: Steering = steerScreen(localMs - video.currentTime * 1000, rate, this.#isNudging);
    if (steering.action === "seek") {
      video.currentTime = localMs / 1000;
      return;
    }
    this.#isNudging = steering.isNudging;
    if (video.playbackRate !== steering.playbackRate) video.playbackRate = steering.playbackRate;
    // Fails when a pause comes first, and then nothing is to be done.
    if (video.paused) video.play().catch(() => {});
  }

  #settle(localMs: number): void {
    const video = this.#video;
    if (!video.paused) video.pause();
    if (!isSettled(localMs - video.currentTime * 1000)) video.currentTime = localMs / 1000;
  }

  #show(positionMs: number, phase: "before" | "during" | "after"): void {
    const { screen } = this;
    const error = this.#video.error;
    if (error !== null) {
      this.#showCard("failed", `${screen.file} cannot be played`, describeMediaError(error));
    } else if (phase === "before") {
      this.#showCard("quiet", `Starts at ${formatPosition(screen.offsetMs)}`);
    } else if (phase === "after") {
      this.#showCard("quiet", `Ended at ${formatPosition(screen.offsetMs + screen.durationMs)}`);
    } else if (this.#video.readyState < this.#video.HAVE_CURRENT_DATA) {
      this.#showCard("loading", "Loading…");
    } else {
      this.#card.hidden = true;
    }
    const stretch =
      phase === "during" && error === null ? stretchWithoutPicture(positionMs, screen.coverage) : null;
    this.#badge.hidden = stretch === null;
    if (stretch !== null) setText(this.#badge, sentence(describeStretch(stretch)));
  }

  #showCard(kind: "failed" | "quiet" | "loading", title: string, detail = ""): void {
    const text = `${kind} ${title} ${detail}`;
    this.#card.hidden = false;
    if (this.#card.dataset["shows"] === text) return;
    this.#card.dataset["shows"] = text;
    this.#card.className = `tile-card ${kind}`;
    this.#card.replaceChildren(h("strong", {}, title), ...(detail === "" ? [] : [h("span", {}, detail)]));
  }
}

/** What a person can make of a media element's failure. */
export function describeMediaError(error: MediaError): string {
  const reasons: Readonly<Record<number, string>> = {
    [MediaError.MEDIA_ERR_NETWORK]: "It could not be loaded to its end. Reload the page to try again.",
    [MediaError.MEDIA_ERR_DECODE]: "Its content is damaged, or of a kind that this browser does not know.",
    [MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED]:
      "It is missing, damaged, or of a kind that this browser does not know.",
  };
  return reasons[error.code] ?? error.message;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
