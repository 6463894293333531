import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { launchChromium, openPage, readDrifts } from "./rig/browser.ts";
import { madeInteraction, madeScreen, madeTransfer } from "./rig/made-interactions.ts";
import { listFile, makeAudio, makeScreen } from "./rig/made-media.ts";
import { openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

/** Screens and sound are told apart from about here; the player corrects down to 40 ms. */
const IN_SYNC_WITHIN_MS = 100;

let pageFolder: string;
let rig: ReplayRig;
let browser: Browser;
let calls = 0;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await bundleReplay(pageFolder);
  rig = await openReplayRig({
    pageFolder,
    placeCall: () => Promise.resolve({ interactionId: `placed-${++calls}` }),
  });
  const { folder, catalogue } = rig;
  const audio = await makeAudio(folder, "audio.m4a", 12);
  const screens = [
    await makeScreen(folder, "screen-1.mp4", 12),
    await makeScreen(folder, "screen-2.mp4", 6),
  ] as const;
  catalogue.put(madeTransfer(audio, screens), folder);
  await writeFile(join(folder, "damaged.mp4"), "this is no video");
  await writeFile(join(folder, "damaged.m4a"), "this is no audio");
  catalogue.put(
    madeInteraction("damaged-1", {
      startedAt: "2026-03-01T10:00:00.000Z",
      audio: {
        ...madeTransfer(audio, screens).audio,
        file: "damaged.m4a",
        parts: madeTransfer(audio, screens).audio?.parts ?? [],
      },
      screens: [madeScreen("damaged.mp4", 0, 12_000), madeScreen("screen-2.mp4", 3_000, 6_000)],
      files: [await listFile(folder, "damaged.mp4"), await listFile(folder, "damaged.m4a"), screens[1]],
    }),
    folder,
  );
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${rig.url}${path}?token=${TOKENS.viewer}`);
}

async function waitForPosition(page: Page, atLeastS: number): Promise<void> {
  const position = () =>
    page.locator("audio").evaluate((audio: unknown) => (audio as { currentTime: number }).currentTime);
  await expect.poll(position, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(atLeastS);
}

test("the printed link opens the list, and a call in it the player", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await open(page, "/");
  expect(page.url()).toBe(`${rig.url}/`);
  await page.getByRole("link", { name: "10:02" }).click();
  expect(new URL(page.url()).pathname).toBe("/interactions/transfer-1");
  await page.getByText("Ann Agent", { exact: true }).first().waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "10:02" }).waitFor();
  expect(await page.locator("tr.call").count()).toBe(2);
  expect(faults).toEqual([]);
});

test("sound and screens play as one, also after a jump and at another speed", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await open(page, "/interactions/transfer-1");
  await page.getByRole("button", { name: "Play" }).click();
  await waitForPosition(page, 2);
  const started = await readDrifts(page, { "screen-1.mp4": 0 });

  await page.getByRole("button", { name: "00:05 Connected · Bob Lee" }).click();
  await waitForPosition(page, 6.5);
  const jumped = await readDrifts(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });

  await page.getByLabel("Speed").selectOption("1.5");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "00:05 Connected · Bob Lee" }).click();
  await page.keyboard.press("Space");
  await waitForPosition(page, 8);
  const faster = await readDrifts(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });

  for (const drift of [...started, ...jumped, ...faster])
    expect(Math.abs(drift)).toBeLessThan(IN_SYNC_WITHIN_MS);
  expect([started.length, jumped.length, faster.length]).toEqual([1, 2, 2]);
  expect(faults).toEqual([]);
});
