import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Manifest } from "#shared/archive/manifest.ts";
import { launchChromium, openPage } from "../../apps/adapter/replay/rig/browser.ts";
import { openReplayRig, TOKENS } from "../../apps/adapter/replay/rig/replay-rig.ts";
import { bundleReplay } from "../bundle-replay.ts";
import type { FilledArchive } from "./fill-archive.ts";
import { sortOut } from "./latencies.ts";
import { seededRandom } from "./made-up-recordings.ts";
import type { Measured } from "./results.ts";

const EACH = 20;
const PROMISE = "p95 <= 200 ms";
/** Between two keys: somebody who types fast, so that the page asks once for all of it. */
const KEY_EVERY_MS = 40;

/** What one act took, in ms from the last key or press, by the page's own clock. */
interface Act {
  /** Until the frame that has the rows (or says that there are none) was drawn. */
  drawn: number;
  /** Of it, between the request and the end of its answer. */
  server: number;
  /** Until the strip's new bars were drawn. */
  strip: number;
}

/**
 * In the page: remembers when something was done last, and tells when what it led to has been drawn. A frame callback
 * comes before the frame is drawn, and a task of its own after it.
 */
const WATCH = `(() => {
  const bench = { actedAt: 0, stripAt: 0 };
  for (const type of ["keydown", "change", "pointerup"])
    addEventListener(type, (event) => (bench.actedAt = event.timeStamp), true);
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      if (changes.some(({ target }) => target instanceof Element && target.closest(".strip") !== null))
        bench.stripAt = performance.now();
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
  bench.reset = () => { performance.clearResourceTimings(); bench.actedAt = performance.now(); };
  bench.measure = (isFirst) => new Promise((resolve) => {
    const measured = {};
    const look = () => {
      const from = isFirst ? 0 : bench.actedAt;
      const answers = performance.getEntriesByType("resource").filter(({ startTime }) => startTime >= from);
      const list = answers.findLast(({ name }) => new URL(name).pathname === "/v1/interactions");
      const counts = answers.findLast(({ name }) => name.includes("/v1/interactions/histogram"));
      const isBusy = document.querySelector('.busy-line.busy, [aria-busy="true"]') !== null;
      const isThere = document.querySelector("tr.call, .page-note h1") !== null;
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const now = performance.now();
        if (measured.drawn === undefined && list !== undefined && isThere && !isBusy) {
          measured.drawn = now - from;
          measured.server = list.responseEnd - list.requestStart;
        }
        if (measured.strip === undefined && counts !== undefined) {
          if (bench.stripAt >= counts.responseEnd) measured.strip = now - from;
          // Nothing of it has changed.
          else if (now - counts.responseEnd > 500) measured.strip = counts.responseEnd - from;
        }
        if (measured.drawn !== undefined && measured.strip !== undefined) resolve(JSON.stringify(measured));
        else requestAnimationFrame(look);
      };
      channel.port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
  globalThis.bench = bench;
})()`;

/** Opens the list over very many interactions in Chromium and searches in it as people do. */
export async function benchFind(
  folder: string,
  archive: FilledArchive,
  say: (text: string) => void,
): Promise<Measured[]> {
  const pageFolder = join(folder, "page");
  await bundleReplay(pageFolder);
  await using rig = await openReplayRig({ pageFolder, databasePath: archive.path });
  await using browser = await launchChromium();
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await page.addInitScript(WATCH);
  await page.goto(`${rig.url}/?token=${TOKENS.viewer}`);
  const measured: Measured[] = [];
  for (const [what, act] of Object.entries(actsOn(page, rig.url, archive.samples))) {
    const acts: Act[] = [];
    for (let index = 0; index < EACH; index++) acts.push(await act());
    const { p50Ms, maxMs } = sortOut(acts.map(({ drawn }) => drawn));
    say(`${what}: p50 ${Math.round(p50Ms)} ms, max ${Math.round(maxMs)} ms`);
    measured.push(
      row(what, acts, ({ drawn }) => drawn, PROMISE),
      row("  of it the server's answer", acts, ({ server }) => server, null),
      row("  the strip", acts, ({ strip }) => strip, null),
    );
  }
  if (faults.length > 0) throw new Error(`the page reported ${faults.join("; ")}`);
  return measured;
}

function row(what: string, acts: readonly Act[], of: (act: Act) => number, promise: string | null): Measured {
  return { what, ...sortOut(acts.map(of)), perSecond: null, processorMsEach: null, promise };
}

/** What is done, by what it is called in the result; each time with something else. */
function actsOn(page: Page, url: string, samples: readonly Manifest[]): Record<string, () => Promise<Act>> {
  const random = seededRandom(13);
  const any = (): Manifest => {
    const sample = samples[Math.floor(random() * samples.length)];
    if (sample === undefined) throw new RangeError("there is no sample to ask for");
    return sample;
  };
  const search = page.getByLabel("Search calls");
  const read = async (isFirst: boolean) =>
    JSON.parse(String(await page.evaluate(`bench.measure(${isFirst})`))) as Act;
  /** Back to the whole list, or to one at an address; what is done next is measured. */
  const begin = async (address = "/") => {
    if (address !== "/") {
      await page.goto(url + address, { waitUntil: "commit" });
      await read(true);
    } else if (new URL(page.url()).search !== "") {
      await page.evaluate("bench.reset()");
      await page.getByRole("link", { name: "Interactions", exact: true }).click();
      await read(false);
    }
    await page.evaluate("bench.reset()");
  };
  const typed = (text: () => string) => async () => {
    await begin();
    await search.focus();
    await page.keyboard.type(text(), { delay: KEY_EVERY_MS });
    return await read(false);
  };
  const chosen = (label: string, values: readonly string[], path?: () => string) => async () => {
    await begin(path?.());
    const value = values[Math.floor(random() * values.length)] ?? "";
    await page.getByLabel(label, { exact: true }).selectOption(value);
    return await read(false);
  };
  const queueOf = (manifest: Manifest) => manifest.call["queue"] ?? "";
  const inQueue = () => `/?queue=${queueOf(any())}`;
  return {
    "the page opened": async () => {
      await page.goto("about:blank");
      await page.goto(url, { waitUntil: "commit" });
      return await read(true);
    },
    "an agent's name, half typed": typed(() => (any().agents[0]?.name ?? "").slice(0, 14)),
    "the end of a customer's number": typed(() => (any().call["customer"] ?? "").slice(-5)),
    "three digits": typed(() => (any().call["customer"] ?? "").slice(-3)),
    "a queue": typed(() => queueOf(any())),
    "one letter": typed(() => (any().agents[0]?.name ?? "").slice(0, 1)),
    "what nobody has": typed(() => "nobody has this"),
    "partly or not recorded": chosen("How completely recorded", ["partial", "not-recorded"]),
    "10 minutes or longer": chosen("Length", ["600000"]),
    "longest or shortest first": chosen("Order", ["-durationMs", "durationMs"]),
    "longest first, of a queue": chosen("Order", ["-durationMs"], inQueue),
    "some hours, by the strip's keys": async () => {
      await begin();
      await page.getByRole("slider").focus();
      await page.keyboard.press("End");
      for (let left = Math.floor(random() * 20); left > 0; left--) await page.keyboard.press("PageDown");
      await page.keyboard.press("Shift+ArrowLeft");
      await page.keyboard.press("Enter");
      return await read(false);
    },
  };
}
