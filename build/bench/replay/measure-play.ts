import type { Page } from "@playwright/test";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { picturesAt } from "./measure-seeks.ts";

const HOVERS = 40;
/** Longer than this a small picture has not come. */
const HOVER_GIVE_UP_MS = 2_000;
const PLAYED_MS = 25_000;
const LOOK_EVERY_MS = 100;
const START_WITHIN_MS = 20_000;

/** Moves the pointer over the timeline, and measures from each move to the small picture that is drawn for it. */
export async function measureHovers(page: Page, random: () => number): Promise<DurationMs[]> {
  const box = await page.locator(".wave .row-track").boundingBox();
  if (box === null) throw new Error("the player has no timeline");
  const taken: DurationMs[] = [];
  const y = box.y + box.height / 2;
  for (let hover = 0; hover < HOVERS; hover++) {
    // Void: else it would be waited for before the pointer moves.
    await page.evaluate(`void (globalThis.hovered = new Promise((resolve) => {
      const shown = () => document.querySelector(".hover-preview canvas")?.dataset.shows ?? "";
      const before = shown();
      addEventListener("pointermove", ({ timeStamp }) => {
        const look = () => {
          const now = performance.now();
          if (shown() !== before) requestAnimationFrame(() => resolve(performance.now() - timeStamp));
          else if (now - timeStamp > ${HOVER_GIVE_UP_MS}) resolve(${HOVER_GIVE_UP_MS});
          else requestAnimationFrame(look);
        };
        look();
      }, { once: true, capture: true });
    }))`);
    // From the one half of the timeline to the other, so that it is always another picture.
    const part = (random() + (hover % 2)) / 2;
    await page.mouse.move(box.x + 2 + part * (box.width - 4), y);
    taken.push(Number(await page.evaluate("globalThis.hovered")));
  }
  await page.mouse.move(0, 0);
  return taken;
}

/** Plays from a moment on at which all screens have pictures, and looks how far each is from the sound. */
export async function measureDrifts(page: Page, { screens, ...manifest }: Manifest): Promise<DurationMs[]> {
  const isWhole = (atMs: DurationMs) =>
    [0, PLAYED_MS / 2, PLAYED_MS].every(
      (laterMs) => picturesAt({ screens, ...manifest }, atMs + laterMs).length === screens.length,
    );
  const seconds = Array.from({ length: Math.floor(manifest.durationMs / 1_000) }, (_, index) => index);
  const atS = seconds.find((second) => isWhole(second * 1_000 + 500));
  if (atS === undefined) throw new Error("the call has no moment at which all screens have pictures");
  const offsets = Object.fromEntries(screens.map(({ file, offsetMs }) => [file, offsetMs]));
  await page.evaluate(`location.hash = "#t=${atS}.5"`);
  await page.keyboard.press("Space");
  const drifts = await page.evaluate(`new Promise((resolve, reject) => {
    const offsets = ${JSON.stringify(offsets)};
    const audio = document.querySelector("audio");
    const from = audio.currentTime;
    const giveUp = setTimeout(() => reject(new Error("it does not play")), ${START_WITHIN_MS + PLAYED_MS});
    const drifts = [];
    const timer = setInterval(() => {
      if (audio.paused) return;
      for (const tile of document.querySelectorAll(".tile"))
        drifts.push(Math.abs((audio.currentTime - tile.querySelector("video").currentTime) * 1000 - offsets[tile.dataset.file]));
      if (audio.currentTime - from < ${PLAYED_MS / 1_000}) return;
      clearInterval(timer);
      clearTimeout(giveUp);
      resolve(drifts);
    }, ${LOOK_EVERY_MS});
  })`);
  await page.keyboard.press("Space");
  return drifts as DurationMs[];
}
