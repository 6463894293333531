/** Takes the pictures of docs/images: the real page in Chromium, over calls that are made up, at a time that is fixed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import { run } from "#shared/runtime/subprocess.ts";
import { bundleReplay } from "../bundle-replay.ts";
import { REPOSITORY } from "../repository.ts";
import { launchChromium, openPage } from "../../apps/adapter/replay/rig/browser.ts";
import { openReplayRig, type ReplayRig, TOKENS } from "../../apps/adapter/replay/rig/replay-rig.ts";
import { makeWorld, NOW, tellLive } from "./picture-world.ts";

const IMAGES = join(REPOSITORY, "docs/images");
const SIZE = { width: 1_280, height: 720 };

const pageFolder = await mkdtemp(join(tmpdir(), "deskreel-pictures-"));
try {
  await bundleReplay(pageFolder);
  let now = NOW - 3_600_000;
  const clock = { now: () => (now += 1_700) };
  await using rig = await openReplayRig({
    ...{ pageFolder, clock, live: { read: () => Promise.resolve(tellLive(now)) } },
  });
  await using browser = await launchChromium();
  await makeWorld(rig, browser);
  await takeAll(rig, browser);
} finally {
  await rm(pageFolder, { recursive: true });
}

async function takeAll(rig: ReplayRig, browser: Browser): Promise<void> {
  const admin = `?token=${TOKENS.admin}`;
  await take(browser, "sign-in", async (page) => {
    await page.goto(rig.url);
    await page.locator("#name").fill("sue@contoso.com");
  });
  await take(browser, "find", async (page) => {
    await page.goto(`${rig.url}/${admin}`);
    await page.locator("tr.call img").nth(5).waitFor();
  });
  await take(browser, "coverage", async (page) => {
    await page.goto(`${rig.url}/coverage${admin}`);
    await page.locator("tr.call").first().waitFor();
  });
  await take(browser, "live", async (page) => {
    await page.goto(`${rig.url}/live${admin}`);
    await page.locator("tr.live-call").nth(5).waitFor();
  });
  await take(browser, "accounts", async (page) => {
    await page.goto(`${rig.url}/accounts${admin}`);
    await page.locator("form.add-account").waitFor();
  });
  const open = async (page: Page) => {
    await page.goto(`${rig.url}/interactions/transfer-1${admin}`);
    await page.goto(`${rig.url}/interactions/transfer-1#t=138`);
    await page.locator("canvas.waveform").waitFor();
    await page.evaluate(`Promise.all([...document.querySelectorAll("video")].map((video) =>
      video.readyState >= 2 || new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }))))`);
  };
  await take(browser, "play", async (page) => {
    await open(page);
    await page.locator(".wave .row-track").hover({ position: { x: 604, y: 10 } });
    await page.locator(".hover-pictures canvas[data-shows]").nth(2).waitFor();
  });
  const dark = { colorScheme: "dark" } as const;
  await take(
    browser,
    "play-dark",
    async (page) => {
      await open(page);
      await page.keyboard.press("1");
      await page.getByRole("tab").nth(1).click();
    },
    dark,
  );
  await take(browser, "audit", async (page) => {
    await page.goto(`${rig.url}/audit${admin}`);
    await page.locator(".audit-table td").first().waitFor();
  });
}

/** As a PNG with a palette, which for a page is a third of the size. */
async function take(
  browser: Browser,
  name: string,
  show: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  await using watched = await openPage(browser, { viewport: SIZE, locale: "en-GB", ...options });
  const { page } = watched;
  await page.clock.setFixedTime(NOW);
  await show(page);
  await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))");
  const taken = join(pageFolder, "taken.png");
  await page.screenshot({ path: taken });
  const palette =
    "split[a][b];[a]palettegen=max_colors=200:stats_mode=single[p];[b][p]paletteuse=dither=none";
  await run("ffmpeg", ["-v", "error", "-y", "-i", taken, "-vf", palette, join(IMAGES, `${name}.png`)]);
  process.stderr.write(`${name}\n`);
}
