import { chromium, type Page } from "@playwright/test";
import type { Site } from "./site.ts";

/** The replay page in a real Chromium, signed in. */
export interface OpenReplay extends AsyncDisposable {
  readonly page: Page;
  /** Errors that the page threw or the browser reported (console, refused resources). */
  readonly faults: readonly string[];
}

/** Debian's Chromium; Playwright's own would have to be downloaded. */
const CHROMIUM = "/usr/bin/chromium";

/**
 * Opens the replay page with the viewer's token, as a person with the printed URL does.
 *
 * @param onPage - gets the page before anything is in it.
 * @param headed - in a window, on the display of the environment.
 */
export async function openReplay(
  site: Pick<Site, "adapterUrl" | "tokens">,
  onPage: (page: Page) => Promise<void> = async () => {},
  headed = false,
): Promise<OpenReplay> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: !headed,
    args: [
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--no-first-run",
    ],
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await onPage(page);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(`${site.adapterUrl}/?token=${site.tokens.viewer}`);
  // A page that comes before its cookie loads itself anew, which would break off where a test goes next.
  await page.getByRole("link", { name: "Interactions" }).first().waitFor();
  return { page, faults, [Symbol.asyncDispose]: () => browser.close() };
}

/** What the page's players say; seconds, and the picture's `readyState`. */
interface PlayerTimes {
  audio: number;
  video: number;
  ready: number;
}

export function readPlayerTimes(page: Page): Promise<PlayerTimes> {
  return page.evaluate<PlayerTimes>(`(() => {
    const [audio, video] = [document.querySelector("audio"), document.querySelector("video")];
    return { audio: audio.currentTime, video: video.currentTime, ready: video.readyState };
  })()`);
}
