import type { Page } from "@playwright/test";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { MINUTES, NUMBERED } from "./numbered-minute.ts";

/** From one segment's start to the next one's in the made call. */
const SEGMENT_EVERY_MS = 60_007;
/** So far from a picture's edge that clocks of files do not matter. */
const EDGE_MS = 20;
/** What `make-long-call.ts` gives second monitors. */
const CALM_DISPLAY = "2";
const GIVE_UP_MS = 20_000;

/** How long one seek took. */
export interface Seek {
  toMs: DurationMs;
  /** Until each screen that has a picture there showed it, the first screen of the call first. */
  tookMs: DurationMs[];
  /** Screens that showed another picture than that of the moment. */
  wrong: number;
}

/** A picture that a screen must show. */
interface Wanted {
  file: string;
  fromS: number;
  toS: number;
  number: number;
}

/** Seeks to a moment by its address and waits for its pictures. */
export async function measureSeek(page: Page, manifest: Manifest, toMs: DurationMs): Promise<Seek> {
  const wanted = picturesAt(manifest, toMs);
  const shown = await page.evaluate(
    `(${seekInPage.toString()})(${JSON.stringify({
      ...{ hash: `#t=${toMs / 1_000}`, wanted, numbered: NUMBERED, giveUpMs: GIVE_UP_MS },
    })})`,
  );
  const { tookMs, numbers } = shown as { tookMs: number[]; numbers: number[] };
  const wrong = wanted.filter(({ number }, index) => numbers[index] !== number).length;
  return { toMs, tookMs, wrong };
}

/** What must be seen at a moment; screens that have no picture of their own there are left out. */
export function picturesAt({ screens }: Manifest, atMs: DurationMs): Wanted[] {
  return screens.flatMap(({ file, offsetMs, durationMs, coverage, display }) => {
    const localMs = atMs - offsetMs;
    const { pictureMs, pictures } = MINUTES[display === CALM_DISPLAY ? "calm" : "busy"];
    const isMissing = coverage.some(
      ({ fromMs, toMs, state }) =>
        state !== "captured" && fromMs - pictureMs <= atMs && atMs < toMs + pictureMs,
    );
    if (localMs < 0 || localMs >= durationMs - pictureMs || isMissing) return [];
    const segment = Math.floor(localMs / SEGMENT_EVERY_MS) * SEGMENT_EVERY_MS;
    const number = Math.min(pictures - 1, Math.floor((localMs - segment) / pictureMs));
    const fromS = (segment + number * pictureMs) / 1_000;
    return [{ file, fromS, toS: fromS + pictureMs / 1_000, number }];
  });
}

/** Whether a moment is well within a picture on every screen that has one there. */
export function isClear(manifest: Manifest, atMs: DurationMs): boolean {
  const wanted = picturesAt(manifest, atMs);
  return (
    wanted.length > 0 &&
    wanted.every(({ file, fromS, toS }) => {
      const localMs = atMs - (manifest.screens.find((screen) => screen.file === file)?.offsetMs ?? 0);
      return localMs > fromS * 1_000 + EDGE_MS && localMs < toS * 1_000 - EDGE_MS;
    })
  );
}

/** Runs in the page. */
function seekInPage(options: {
  hash: string;
  wanted: Wanted[];
  numbered: typeof NUMBERED;
  giveUpMs: number;
}): Promise<{ tookMs: number[]; numbers: number[] }> {
  interface Metadata {
    mediaTime: number;
  }
  interface Video {
    requestVideoFrameCallback: (callback: (now: number, metadata: Metadata) => void) => void;
  }
  const world = globalThis as unknown as {
    document: {
      querySelector: (selector: string) => Video;
      createElement: (name: "canvas") => {
        width: number;
        height: number;
        getContext: (kind: "2d") => {
          drawImage: (...values: unknown[]) => void;
          getImageData: (...values: number[]) => { data: Uint8ClampedArray };
        };
      };
    };
    location: { hash: string };
  };
  const { left, top, cell, bits } = options.numbered;
  const videoOf = (file: string) => world.document.querySelector(`[data-file="${file}"] video`);
  const numberOf = (video: Video) => {
    const canvas = world.document.createElement("canvas");
    [canvas.width, canvas.height] = [bits * cell, cell];
    const context = canvas.getContext("2d");
    context.drawImage(video, left, top, bits * cell, cell, 0, 0, bits * cell, cell);
    return Array.from({ length: bits }, (_, bit) => {
      const [red = 0] = context.getImageData(bit * cell + cell / 2, cell / 2, 1, 1).data;
      return red > 127 ? 2 ** (bits - 1 - bit) : 0;
    }).reduce((sum, value) => sum + value, 0);
  };
  const startedAt = performance.now();
  const seen = options.wanted.map(
    ({ file, fromS, toS }) =>
      new Promise<number>((resolve) => {
        const video = videoOf(file);
        const watch = () =>
          video.requestVideoFrameCallback((_now, { mediaTime }) => {
            if (mediaTime >= fromS - 0.01 && mediaTime < toS - 0.01) resolve(performance.now());
            else watch();
          });
        watch();
        setTimeout(() => resolve(startedAt + options.giveUpMs), options.giveUpMs);
      }),
  );
  world.location.hash = options.hash;
  return Promise.all(seen).then((times) => ({
    tookMs: times.map((time) => time - startedAt),
    numbers: options.wanted.map(({ file }) => numberOf(videoOf(file))),
  }));
}
