import { type Browser, type BrowserContextOptions, chromium, type Page } from "@playwright/test";
import { expect } from "vitest";

const FLAGS = [
  // Chromium's sandbox refuses to work for root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** A page that remembers every error it reports. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Console errors (content-security violations are among them) and uncaught exceptions. */
  readonly faults: readonly string[];
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    timezoneId: "UTC",
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** A page of any browser. */
export interface Evaluates {
  evaluate(expression: string): Promise<unknown>;
}

/** A browser that is driven by keys and looked into by expressions, whichever it is. */
export interface Driven extends Evaluates {
  goto(url: string): Promise<void>;
  /** By Playwright's names: `n`, `Space`, `Control+v`. */
  press(keys: string): Promise<void>;
}

/** A page of Chromium as any other is driven. */
export function drivenPage(page: Page): Driven {
  return {
    evaluate: (expression) => page.evaluate(expression),
    press: (keys) => page.keyboard.press(keys),
    async goto(url) {
      await page.goto(url);
    },
  };
}

/** What is promised between a screen and the sound. */
const IN_SYNC_WITHIN_MS = 40;
/** On a busy machine the player is late at times, and corrects itself. */
const IN_SYNC_AFTER_MS = 20_000;

/** Waits until the screens, those and no others, are with the audio; `offsets` by file. */
export async function expectInSync(
  page: Evaluates,
  offsets: Readonly<Record<string, number>>,
): Promise<void> {
  await expect
    .poll(
      async () => {
        const drifts = await readDrifts(page, offsets);
        return drifts.map((drift) => Math.abs(drift) < IN_SYNC_WITHIN_MS);
      },
      { timeout: IN_SYNC_AFTER_MS },
    )
    .toEqual(Object.keys(offsets).map(() => true));
}

/** How far each screen is behind the audio, in ms, by the elements' own clocks; `offsets` by file. */
async function readDrifts(page: Evaluates, offsets: Readonly<Record<string, number>>): Promise<number[]> {
  // As text, because not every browser's protocol brings objects as they are.
  const times = await page.evaluate(`JSON.stringify({
    audioS: document.querySelector("audio").currentTime,
    screens: [...document.querySelectorAll(".tile")].map((tile) => ({
      file: tile.dataset.file,
      atS: tile.querySelector("video").currentTime,
    })),
  })`);
  const { audioS, screens } = JSON.parse(String(times)) as {
    audioS: number;
    screens: { file: string; atS: number }[];
  };
  return screens
    .filter(({ file }) => offsets[file] !== undefined)
    .map(({ file, atS }) => audioS * 1000 - ((offsets[file] ?? 0) + atS * 1000));
}
