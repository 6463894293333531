import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { probeMedia } from "../../../e2e/media/probe.ts";
import { readMedia } from "../../../e2e/media/read-media.ts";
import { launchChromium, openPage } from "../replay/rig/browser.ts";
import { readFirstPictures } from "../rig/read-first-pictures.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchScene } from "../rig/stitch-scene.ts";

/** The desktop comes three seconds late, and is paused for four in the middle. */
const SCENE = {
  segments: [
    { at: 3_000, durationMs: 2_000, flashes: [1_000] },
    { at: 9_000, durationMs: 2_000, flashes: [600], size: "192x128" },
  ],
  beeps: [4_000],
};
const MISSING = [
  [0, 3_000, { state: "gap", reason: "desktop-offline" }],
  [5_000, 9_000, { state: "paused", by: "admin" }],
] as const;
const CARDS_AT_S = [1, 7];
const PICTURE_AT_S = 10;

/** Of the key picture before it: ffmpeg's exact seek drops a picture that began before, though it is still shown. */
const pictureAt = (path: string, at: number) => ["-noaccurate_seek", "-ss", String(at), "-i", path];

/** One for all: it takes longer to start than to play. */
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test.each(CODECS)(
  "in %s a card with words fills what is missing, from 0 on, moves nothing, and plays and seeks in Chromium",
  async (codec) => {
    await using scratch = await scratchFolder();
    const { path, plan } = await stitchScene(scratch.path, {
      ...SCENE,
      codec,
      missing: MISSING.map((span) => [...span]),
    });

    expect(
      plan.screens[0]?.pieces.map((piece) => ("card" in piece ? piece.card.title : piece.segmentId)),
    ).toEqual(["Desktop not connected", "000001", "Paused by admin", "000002"]);
    expect(Math.abs((await probeMedia(path)).durationMs - 11_000)).toBeLessThan(50);
    const { flashes, beeps } = await readMedia(path);
    expect(flashes.map((at) => Math.round(at / 10) * 10)).toEqual([4_000, 9_600]);
    const [beep = 0] = beeps;
    expect(Math.abs(beep - 4_000)).toBeLessThan(2);
    const inFile = await readFirstPictures(
      scratch.path,
      [...CARDS_AT_S, PICTURE_AT_S].map((at) => pictureAt(path, at)),
    );
    for (const { mean, most } of inFile.slice(0, -1)) {
      expect(mean).toBeGreaterThan(10);
      expect(mean).toBeLessThan(60);
      expect(most).toBeGreaterThan(120);
    }
    expect(inFile.at(-1)?.most).toBeLessThan(40);

    // Chromium plays from a card into the pictures after it, and seeks to both.
    const html = join(scratch.path, `${codec}.html`);
    await writeFile(
      html,
      `<body style="margin:0"><video muted width=640 src="${pathToFileURL(path).href}"></video>`,
    );
    await using watched = await openPage(browser);
    const { page, faults } = watched;
    await page.goto(pathToFileURL(html).href);
    const shown = async (at: number) => {
      await page.evaluate(`new Promise((resolve, reject) => {
        const video = document.querySelector("video");
        video.onerror = () => reject(new Error(video.error.message));
        video.onseeked = () => requestAnimationFrame(() => requestAnimationFrame(resolve));
        video.currentTime = ${at};
      })`);
      const picture = join(scratch.path, `shown at ${at}.png`);
      await writeFile(picture, await page.locator("video").screenshot());
      return ["-i", picture];
    };
    const shownAt: string[][] = [];
    for (const at of [...CARDS_AT_S, PICTURE_AT_S]) shownAt.push(await shown(at));
    const inChromium = await readFirstPictures(scratch.path, shownAt);
    for (const { most } of inChromium.slice(0, -1)) expect(most, codec).toBeGreaterThan(120);
    expect(inChromium.at(-1)?.most, codec).toBeLessThan(40);
    const playedTo = await page.evaluate(`new Promise((resolve, reject) => {
      const video = document.querySelector("video");
      video.onerror = () => reject(new Error(video.error.message));
      video.onended = () => resolve(video.currentTime);
      video.currentTime = 8.5;
      video.play();
    })`);
    expect(playedTo, codec).toBeGreaterThan(10.8);
    expect(faults).toEqual([]);
  },
);
