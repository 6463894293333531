import { link, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";
import {
  MADE_PLACE,
  openReplayRig,
  type ReplayRig,
  TOKENS,
} from "../../../apps/adapter/replay/rig/replay-rig.ts";
import { bundleReplay } from "../../bundle-replay.ts";
import { type Latencies, sortOut } from "../latencies.ts";
import type { Measured } from "../results.ts";
import { makeLongCall } from "./make-long-call.ts";
import { measureDrifts, measureHovers } from "./measure-play.ts";
import { isClear, measureSeek, picturesAt, type Seek } from "./measure-seeks.ts";

const MINUTES = 60;
const OPENS = 10;
/** The moment of the link. */
const OPENED_AT_S = 60;
const SEEKS = 40;
const CALLS = [
  { shown: "first", what: "1 screen" },
  { shown: "all", what: "4 screens" },
] as const;
/** Mulberry's constants: the same moments in every run. */
const SEED = 20_261_130;
const SEEK_PROMISE = "p95 <= 700 ms";
/** From all alike to one that is large. */
const NEXT_LAYOUT = "v";

/** Opens calls of an hour in Chromium, and seeks in them; the pictures say themselves whether they are the right ones. */
export async function benchReplay(options: {
  folder: string;
  say: (text: string) => void;
}): Promise<{ measured: Measured[]; conditions: Record<string, number | string> }> {
  const { folder, say } = options;
  const pageFolder = join(folder, "page");
  await bundleReplay(pageFolder);
  const measured: Measured[] = [];
  let wrong = 0;
  for (const { shown, what } of CALLS) {
    say(`making a call of ${MINUTES} minutes with ${what}`);
    const version = await makeLongCall(join(folder, shown), MINUTES, shown);
    await using rig = await openReplayRig({ pageFolder });
    const manifest = await offer(rig, version);
    await using browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
    const page = await browser.newPage({ viewport: { width: 1_280, height: 720 } });
    await page.goto(`${rig.url}/?token=${TOKENS.viewer}`);
    const url = `${rig.url}/interactions/${manifest.interactionId}`;
    const opens: DurationMs[] = [];
    for (let index = 0; index < OPENS; index++) opens.push(await measureOpening(page, url, manifest));
    measured.push(row(`${what}: first picture after opening`, sortOut(opens), "<= 1 s"));
    const seeks = await measureSeeks(page, manifest, SEED);
    wrong += seeks.reduce((sum, seek) => sum + seek.wrong, 0);
    const all = seeks.map(({ tookMs }) => Math.max(...tookMs));
    measured.push(row(`${what}: exact picture after a seek`, sortOut(all), SEEK_PROMISE));
    const hovers = await measureHovers(page, mulberry(SEED));
    measured.push(row(`${what}: hover preview`, sortOut(hovers), "<= 100 ms"));
    if (shown === "all") {
      const drifts = sortOut(await measureDrifts(page, manifest));
      measured.push(row(`${what}: drift between screens and sound`, drifts, "p95 <= 40 ms"));
      await page.keyboard.press(NEXT_LAYOUT);
      const focused = await measureSeeks(page, manifest, SEED + 1);
      wrong += focused.reduce((sum, seek) => sum + seek.wrong, 0);
      const large = focused.map(({ tookMs }) => tookMs[0] ?? Number.NaN);
      measured.push(row(`${what}, one large: the large one's`, sortOut(large), SEEK_PROMISE));
      const others = focused.map(({ tookMs }) => Math.max(...tookMs));
      measured.push(row(`${what}, one large: the last one's`, sortOut(others), ""));
    }
    say(`${what}: ${wrong} wrong pictures`);
  }
  return { measured, conditions: { minutes: MINUTES, seeks: SEEKS, "wrong pictures": wrong } };
}

function row(what: string, latencies: Latencies, promise: string): Measured {
  return { what, ...latencies, perSecond: null, processorMsEach: null, promise };
}

/** Puts a version's files where the rig has its own, and into its catalogue. */
async function offer(rig: ReplayRig, version: string): Promise<Manifest> {
  for (const name of await readdir(version)) await link(join(version, name), join(rig.folder, name));
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(version, "manifest.json"), "utf8")));
  rig.catalogue.put(manifest, MADE_PLACE);
  return manifest;
}

/** From the link until the first screen has the picture of the link's moment, as the page's own clock has it. */
async function measureOpening(page: Page, url: string, { screens }: Manifest): Promise<DurationMs> {
  const [screen] = screens;
  if (screen === undefined) throw new RangeError("the call has no screen");
  const placeS = OPENED_AT_S - screen.offsetMs / 1_000;
  await page.goto("about:blank");
  await page.goto(`${url}#t=${OPENED_AT_S}`, { waitUntil: "commit" });
  // Not `waitForFunction`: it evaluates its text in the page, which the page's policy forbids.
  return Number(
    await page.evaluate(`new Promise((resolve) => {
      const look = () => {
        const video = document.querySelector('[data-file="${screen.file}"] video');
        const isThere = video !== null && video.readyState >= 2 && !video.seeking;
        if (isThere && Math.abs(video.currentTime - ${placeS}) < 0.05)
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        else requestAnimationFrame(look);
      };
      look();
    })`),
  );
}

async function measureSeeks(page: Page, manifest: Manifest, seed: number): Promise<Seek[]> {
  const random = mulberry(seed);
  // All screens of the call at once, where there are moments like that.
  const most = Math.max(
    ...Array.from({ length: MINUTES }, (_, minute) => picturesAt(manifest, minute * 60_000 + 500).length),
  );
  const seeks: Seek[] = [];
  while (seeks.length < SEEKS) {
    const toMs = Math.floor(random() * (manifest.durationMs / 100)) * 100;
    const isOne = isClear(manifest, toMs) && picturesAt(manifest, toMs).length === most;
    if (isOne) seeks.push(await measureSeek(page, manifest, toMs));
  }
  return seeks;
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
