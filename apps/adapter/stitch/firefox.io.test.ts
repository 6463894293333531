import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { type FirefoxPage, HAS_FIREFOX, launchFirefox } from "../../../e2e/rig/firefox.ts";
import { readFirstPictures } from "../rig/read-first-pictures.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchScene } from "../rig/stitch-scene.ts";

if (!HAS_FIREFOX)
  process.stderr.write("Firefox is not tested: it is not installed, and this is no Debian that gives it\n");

/** It begins inside a packet of sound, lacks four seconds, and has another size after them. */
const SCENE = {
  segments: [
    { at: 1_237, durationMs: 3_000, flashes: [1_000] },
    { at: 8_237, durationMs: 3_000, flashes: [1_000], size: "192x128" },
  ],
  beeps: [2_237],
  missing: [[4_237, 8_237, { state: "paused", by: "admin" }]] as const,
};
const LIGHT_AT_S = [1.1, 8.1];
const DARK_AT_S = [0.5, 2.5, 7.5, 9];
const CARD_AT_S = 5;

/** One for all: it takes longer to start than to play. */
let firefox: FirefoxPage;
beforeAll(async () => {
  if (HAS_FIREFOX) firefox = await launchFirefox();
});
afterAll(async () => {
  if (HAS_FIREFOX) await firefox[Symbol.asyncDispose]();
});

test.skipIf(!HAS_FIREFOX).each(CODECS)(
  "Firefox plays %s over a card and a change of size, and seeks to each",
  async (codec) => {
    await using scratch = await scratchFolder();
    const { path } = await stitchScene(scratch.path, {
      ...{ ...SCENE, codec },
      missing: SCENE.missing.map((span) => [...span]),
    });
    const html = join(scratch.path, "page.html");
    const video = `<video muted style="width:100vw" src="${pathToFileURL(path).href}"></video>`;
    await writeFile(html, `<body style="margin:0;background:black">${video}`);
    await firefox.goto(pathToFileURL(html).href);
    const shown = async (at: number) => {
      await firefox.evaluate(`new Promise((resolve, reject) => {
        const video = document.querySelector("video");
        video.onerror = () => reject(new Error(video.error.message));
        video.onseeked = () => requestAnimationFrame(() => requestAnimationFrame(resolve));
        video.currentTime = ${at};
      })`);
      const picture = join(scratch.path, `shown at ${at}.png`);
      await writeFile(picture, await firefox.screenshot());
      return ["-i", picture];
    };
    const shownAt: string[][] = [];
    for (const at of [...LIGHT_AT_S, ...DARK_AT_S, CARD_AT_S]) shownAt.push(await shown(at));
    const pictures = await readFirstPictures(scratch.path, shownAt);
    const lightest = pictures.map(({ most }) => most);
    for (const at of LIGHT_AT_S) expect(lightest.shift(), `at ${at} s`).toBeGreaterThan(200);
    for (const at of DARK_AT_S) expect(lightest.shift(), `at ${at} s`).toBeLessThan(40);
    // Its words are pale, the pictures around it black.
    const [words] = lightest;
    expect(words).toBeGreaterThan(120);
    expect(words).toBeLessThan(250);
    const playedTo = await firefox.evaluate(`new Promise((resolve, reject) => {
      const video = document.querySelector("video");
      video.onerror = () => reject(new Error(video.error.message));
      video.onended = () => resolve(video.currentTime);
      video.currentTime = 7.5;
      video.play().catch(reject);
    })`);
    expect(playedTo).toBeGreaterThan(9.8);
  },
);
