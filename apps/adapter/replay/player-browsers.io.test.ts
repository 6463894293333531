import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { HAS_FIREFOX, launchFirefox } from "../../../e2e/rig/firefox.ts";
import { type Driven, drivenPage, expectInSync } from "./rig/browser.ts";
import { makePictureTimes } from "./rig/made-artefacts.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { makeNumbered, NUMBERED, NUMBERED_AT } from "./rig/made-media.ts";
import { offerTransfer, openPageRig, type PageRig } from "./rig/page-rig.ts";
import { MADE_PLACE, TOKENS } from "./rig/replay-rig.ts";

/** Of made screens: five a second. */
const PICTURE_S = 0.2;
/** The machine is shared. */
const WITHIN = { timeout: 30_000 };
/** One for each container. */
const NUMBERED_FILES = ["numbered.mp4", "numbered.webm"];
/** Of the interaction with it alone. */
const placeOf = (file: string) => file.replace(".", "-");
const BROWSERS = ["Chromium", ...(HAS_FIREFOX ? ["Firefox"] : [])];

let opened: PageRig;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay);
  const { rig } = opened;
  const { audio, screens, manifest } = await offerTransfer(rig);
  rig.catalogue.put(
    madeInteraction("hold-1", {
      startedAt: "2026-03-01T10:00:00.000Z",
      audio: manifest.audio,
      screens: [madeScreen("screen-1.mp4", 0, 12_000)],
      files: [audio, screens[0]],
    }),
    MADE_PLACE,
  );
  for (const file of NUMBERED_FILES) {
    const place = placeOf(file);
    const folder = join(rig.folder, "..", place);
    await mkdir(folder);
    const files = [await makeNumbered(folder, file), await makePictureTimes(folder, [file])];
    const screens = [madeScreen(file, 500, 3_000)];
    rig.catalogue.put(madeInteraction(place, { durationMs: 4_000, screens, files }), place);
  }
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

/** Signed in, and silent: without a sound device Firefox gives up a sound that somebody is to hear. */
async function launch(name: string): Promise<{ driven: Driven } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  let driven: Driven;
  if (name === "Firefox") driven = stack.use(await launchFirefox());
  else {
    const { page } = stack.use(await opened.signIn("viewer"));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    driven = drivenPage(page);
  }
  await driven.goto(`${opened.rig.url}/?token=${TOKENS.viewer}`);
  const owned = stack.move();
  return { driven, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Opens a call at a moment, and waits until its sound is there. */
async function open(driven: Driven, id: string, atS: number): Promise<void> {
  await driven.goto("about:blank");
  await driven.goto(`${opened.rig.url}/interactions/${id}#t=${atS}`);
  await expect.poll(() => soundAt(driven), WITHIN).toBe(atS);
  await driven.evaluate(`document.querySelector("audio").muted = true`);
}

/** By the sound's own clock, in seconds; -1 while there is none. */
async function soundAt(driven: Driven): Promise<number> {
  return Number(await driven.evaluate(`document.querySelector("audio")?.currentTime ?? -1`));
}

async function pictureNumber(driven: Driven, file: string): Promise<number> {
  const video = `document.querySelector('[data-file="${file}"] video')`;
  const at = await driven.evaluate(`${video}.seeking || ${video}.readyState < 2 ? -1 : ${video}.currentTime`);
  return Math.floor(Number(at) / PICTURE_S + 1e-6);
}

/** What a picture says of itself where it is drawn; -1 while another one is on its way. */
async function shownNumber(driven: Driven, file: string): Promise<number> {
  const { cell, bits } = NUMBERED;
  return Number(
    await driven.evaluate(`(() => {
      const video = document.querySelector('[data-file="${file}"] video');
      if (video === null || video.seeking || video.readyState < 2) return -1;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [${bits * cell}, ${cell}];
      const context = canvas.getContext("2d");
      context.drawImage(video, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const isWhite = (bit) => data[(${cell / 2} * canvas.width + bit * ${cell} + ${cell / 2}) * 4] > 127;
      return Array.from({ length: ${bits} }, (_, bit) => bit).reduce((sum, bit) => sum * 2 + isWhite(bit), 0);
    })()`),
  );
}

/** The number of the picture that a screen stands in, where a step leads; -1 when it does not. */
async function pictureStepped(driven: Driven, file: string): Promise<number> {
  const video = `document.querySelector('[data-file="${file}"] video')`;
  const at = await driven.evaluate(`${video}.paused && !${video}.seeking ? ${video}.currentTime : -1`);
  return NUMBERED_AT.findIndex((start) => Math.abs(Number(at) - start / 30 - 0.001) < 0.0015);
}

/** Where the sound is while it plays, looked at every 10 ms until an expression of `at` and `heard` is true. */
async function hear(driven: Driven, until: string): Promise<number[]> {
  const heard = await driven.evaluate(`new Promise((resolve) => {
    const heard = [];
    const over = performance.now() + ${WITHIN.timeout};
    const timer = setInterval(() => {
      const at = document.querySelector("audio").currentTime;
      heard.push(at);
      if (!(${until}) && performance.now() < over) return;
      clearInterval(timer);
      resolve(JSON.stringify(heard));
    }, 10);
  })`);
  return JSON.parse(String(heard)) as number[];
}

const within = (heard: readonly number[], fromS: number, toS: number) =>
  heard.filter((at) => fromS < at && at < toS);

describe.each(BROWSERS)("in %s", (name) => {
  let launched: Awaited<ReturnType<typeof launch>>;
  let driven: Driven;

  beforeAll(async () => {
    launched = await launch(name);
    ({ driven } = launched);
  });

  afterAll(async () => {
    await launched[Symbol.asyncDispose]();
  });

  test("speeds of 0.5 to 4 are those of sound and screens, with the voice's pitch kept", async () => {
    await open(driven, "transfer-1", 0);
    const speeds: number[] = [];
    for (const rate of [0.5, 4]) {
      await driven.press("Home");
      await driven.evaluate(`(() => {
        const speed = document.querySelector("select.speed");
        speed.value = "${rate}";
        speed.dispatchEvent(new Event("change", { bubbles: true }));
      })()`);
      await driven.press("Space");
      await expect.poll(() => soundAt(driven), WITHIN).toBeGreaterThan(0.2);
      const measured = await driven.evaluate(`new Promise((resolve) => {
        const audio = document.querySelector("audio");
        const video = document.querySelector('[data-file="screen-1.mp4"] video');
        const [at, now] = [audio.currentTime, performance.now()];
        setTimeout(() => resolve(JSON.stringify({
          speed: (audio.currentTime - at) * 1000 / (performance.now() - now),
          rates: [audio.playbackRate, Math.abs(video.playbackRate / audio.playbackRate - 1) <= 0.21],
          keepsPitch: audio.preservesPitch,
        })), 1500);
      })`);
      await driven.press("Space");
      const { speed, ...kept } = JSON.parse(String(measured)) as { speed: number };
      expect(kept).toEqual({ rates: [rate, true], keepsPitch: true });
      speeds.push(speed);
    }
    const [slow = 1, fast = 0] = speeds;
    expect(fast / slow).toBeGreaterThan(3);
    await driven.press("Home");
    for (const key of ["<", "<", "<", "<", "<"]) await driven.press(key);
    await expect
      .poll(() => driven.evaluate(`document.querySelector("select.speed").value`), WITHIN)
      .toBe("1");
  });

  test("what is silent or on hold is really left out, and a stretch from A to B is repeated", async () => {
    await open(driven, "transfer-1", 1.5);
    await expect
      .poll(() => driven.evaluate(`document.querySelector("canvas.waveform") !== null`), WITHIN)
      .toBe(true);
    await driven.press("s");
    await driven.press("Space");
    // The silence is from 2 s to 6 s; 0.4 s at its edges are heard, and a tick more.
    const silence = await hear(driven, "at > 6.2");
    expect(within(silence, 1.4, 2.4).length).toBeGreaterThan(0);
    expect(within(silence, 2.9, 5.5)).toEqual([]);
    expect(silence.at(-1)).toBeGreaterThan(6.2);
    await expectInSync(driven, { "screen-1.mp4": 0 });

    // Nothing is on hold in it, and without a waveform nobody can tell silence.
    const isDisabled = (label: string) =>
      driven.evaluate(`document.querySelector('[aria-label="${label}"]').disabled`);
    expect(await isDisabled("Skip hold")).toBe(true);
    await open(driven, "hold-1", 4.5);
    expect(await isDisabled("Skip silence")).toBe(true);
    await driven.press("h");
    await driven.press("Space");
    const hold = await hear(driven, "at > 7.2");
    expect(within(hold, 4.4, 5.1).length).toBeGreaterThan(0);
    expect(within(hold, 5.5, 6.95)).toEqual([]);
    expect(hold.at(-1)).toBeGreaterThan(7.2);

    await open(driven, "hold-1", 1);
    await driven.press("a");
    await driven.evaluate(`location.hash = "#t=2"`);
    await expect.poll(() => soundAt(driven), WITHIN).toBe(2);
    await driven.press("a");
    await driven.press("Space");
    const looped = await hear(
      driven,
      "heard.filter((each, index) => each < (heard[index - 1] ?? 0)).length > 2",
    );
    expect(Math.min(...looped)).toBeGreaterThanOrEqual(1);
    expect(within(looped, 2.6, 12)).toEqual([]);
    expect(looped.filter((at, index) => at < (looped[index - 1] ?? 0)).length).toBeGreaterThan(2);
  });

  test("pictures are stepped through one by one, and events one after the other", async () => {
    await open(driven, "transfer-1", 1.05);
    const picture = () => pictureNumber(driven, "screen-1.mp4");
    await expect.poll(picture, WITHIN).toBe(5);
    for (const [key, number] of [
      [".", 6],
      [".", 7],
      [",", 6],
      [",", 5],
      [",", 4],
    ] as const) {
      await driven.press(key);
      await expect.poll(picture, WITHIN).toBe(number);
    }
    for (const [key, atS] of [
      ["n", 1],
      ["n", 3],
      ["n", 4],
      ["p", 3],
      ["p", 1],
    ] as const) {
      await driven.press(key);
      await expect.poll(() => soundAt(driven), WITHIN).toBe(atS);
    }
  });

  test.each(NUMBERED_FILES)("every picture of %s is stepped through once, there and back", async (file) => {
    await driven.goto(`${opened.rig.url}/interactions/${placeOf(file)}#t=0.5`);
    const seen = () => shownNumber(driven, file);
    await expect.poll(seen, WITHIN).toBe(0);
    const last = NUMBERED_AT.length - 1;
    // There is nothing before the first and nothing after the last; a step that led there would be missed on the way back.
    await driven.press(",");
    for (let number = 1; number <= last; number++) {
      await driven.press(".");
      await expect.poll(seen, WITHIN).toBe(number);
    }
    await driven.press(".");
    for (let number = last - 1; number >= 0; number--) {
      await driven.press(",");
      await expect.poll(seen, WITHIN).toBe(number);
    }
    // However fast they come.
    for (let step = 0; step < 7; step++) await driven.press(".");
    for (let step = 0; step < 3; step++) await driven.press(",");
    await expect.poll(seen, WITHIN).toBe(4);
    // A step stops what is played, at a picture.
    await driven.evaluate(`location.hash = "#t=0.51"`);
    await expect.poll(seen, WITHIN).toBe(0);
    await driven.press("Space");
    await expect.poll(seen, WITHIN).toBeGreaterThan(5);
    await driven.press(".");
    await expect.poll(() => pictureStepped(driven, file), WITHIN).toBeGreaterThan(5);
    expect(await seen()).toBe(await pictureStepped(driven, file));
  });

  test("a link to the moment is copied, and leads there", async () => {
    await open(driven, "transfer-1", 4.5);
    await driven.press("l");
    await expect
      .poll(() => driven.evaluate(`document.querySelector("[role=status]").textContent`), WITHIN)
      .toBe("A link to 00:04 was copied");
    // Read as a person does, by pasting: only so Firefox gives it away.
    await driven.goto(`${opened.rig.url}/`);
    const focus = `(document.querySelector("input[type=search]")?.focus(), document.activeElement.type ?? "")`;
    await expect.poll(() => driven.evaluate(focus), WITHIN).toBe("search");
    await driven.press("Control+v");
    const pasted = () => driven.evaluate(`document.querySelector("input[type=search]").value`);
    await expect.poll(pasted, WITHIN).toBe(`${opened.rig.url}/interactions/transfer-1#t=4.5`);
    await driven.goto(String(await pasted()));
    await expect.poll(() => soundAt(driven), WITHIN).toBe(4.5);
    await expect.poll(() => pictureNumber(driven, "screen-1.mp4"), WITHIN).toBe(22);
  });
});
