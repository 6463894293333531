import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { decodeFaults, probeMedia } from "../../../e2e/media/probe.ts";
import { readBeeps } from "../../../e2e/media/read-beeps.ts";
import { launchChromium, openPage } from "../replay/rig/browser.ts";
import { readFlashes } from "../rig/made-media.ts";
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

/** Mean and greatest lightness of the picture that is shown at a time, 0 to 255. */
async function lightness(input: readonly string[]): Promise<{ mean: number; most: number }> {
  const gray = await run("ffmpeg", [
    "-v",
    "error",
    ...input,
    "-frames:v",
    "1",
    ...["-vf", "format=gray", "-f", "rawvideo", "-"],
  ]);
  return {
    mean: gray.reduce((sum, value) => sum + value, 0) / gray.length,
    most: gray.reduce((most, value) => Math.max(most, value), 0),
  };
}

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
    expect(await decodeFaults(path)).toBe("");
    expect(Math.abs((await probeMedia(path)).durationMs - 11_000)).toBeLessThan(50);
    const flashes = await readFlashes(path);
    expect(flashes.map((at) => Math.round(at / 10) * 10)).toEqual([4_000, 9_600]);
    const [beep = 0] = await readBeeps(path);
    expect(Math.abs(beep - 4_000)).toBeLessThan(2);
    for (const at of CARDS_AT_S) {
      const { mean, most } = await lightness(pictureAt(path, at));
      expect(mean).toBeGreaterThan(10);
      expect(mean).toBeLessThan(60);
      expect(most).toBeGreaterThan(120);
    }
    const { most } = await lightness(pictureAt(path, PICTURE_AT_S));
    expect(most).toBeLessThan(40);

    // Chromium plays from a card into the pictures after it, and seeks to both.
    await using browser = await launchChromium();
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
      const picture = join(scratch.path, "shown.png");
      await writeFile(picture, await page.locator("video").screenshot());
      return await lightness(["-i", picture]);
    };
    for (const at of CARDS_AT_S) expect((await shown(at)).most, `${codec} at ${at} s`).toBeGreaterThan(120);
    expect((await shown(PICTURE_AT_S)).most, `${codec} at ${PICTURE_AT_S} s`).toBeLessThan(40);
    const playedTo = await page.evaluate(`new Promise((resolve, reject) => {
      const video = document.querySelector("video");
      video.onerror = () => reject(new Error(video.error.message));
      video.onended = () => resolve(video.currentTime);
      video.currentTime = 7.5;
      video.play();
    })`);
    expect(playedTo, codec).toBeGreaterThan(10.8);
    expect(faults).toEqual([]);
  },
);
