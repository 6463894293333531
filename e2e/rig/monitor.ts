import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Flash, startScreenServer } from "../screen/server.ts";
import { failsToStart, type Program, startProgram } from "./program.ts";
import { startXDisplay, type XDisplay } from "./x-display.ts";

/** A display of our own that shows the test screen, filling it. */
export interface Monitor extends AsyncDisposable {
  readonly x: XDisplay;
  readonly flashes: readonly Flash[];
}

const PAINTED_WITHIN_MS = 60_000;

/** Starts Xvfb and a browser on it; returns when the page is painted. */
export async function startMonitor(): Promise<Monitor> {
  await using parts = new AsyncDisposableStack();
  const x = parts.use(await startXDisplay());
  const { flashes } = parts.use(await showTestScreen(x, 0));
  const owned = parts.move();
  return { x, flashes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * Fills a monitor of a display with the test screen; returns when it is painted.
 *
 * @param left - where the monitor begins, in pixels.
 * @param screen - its number, in its bar code.
 * @param repaintMs - how often it changes; absent: often enough for the ordinary frame rate.
 */
export async function showTestScreen(
  x: XDisplay,
  left: number,
  { screen = 0, repaintMs }: { screen?: number; repaintMs?: number } = {},
): Promise<Omit<Monitor, "x">> {
  await using parts = new AsyncDisposableStack();
  const page = parts.use(await startScreenServer());
  // A profile of its own: one that a killed browser left behind would be locked.
  const profile = await mkdtemp(join(tmpdir(), "deskreel-screen-"));
  parts.defer(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const repaint = repaintMs === undefined ? "" : `&repaintMs=${repaintMs}`;
  const url = `${page.url}/?screen=${screen}${repaint}`;
  const browser = parts.use(await showPage(x, left, url, profile));
  await Promise.race([page.painted, failsToStart(browser, PAINTED_WITHIN_MS)]);
  const owned = parts.move();
  return { flashes: page.flashes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function showPage(x: XDisplay, left: number, url: string, profile: string): Promise<Program> {
  const quiet = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
  ];
  return startProgram(
    "the screen's browser",
    "chromium",
    [
      `--app=${url}`,
      "--kiosk",
      "--no-first-run",
      "--disable-gpu",
      "--password-store=basic",
      "--force-device-scale-factor=1",
      `--window-position=${left},0`,
      `--window-size=${x.width},${x.height}`,
      `--user-data-dir=${profile}`,
      ...quiet,
      // Chromium's sandbox cannot be had as root; the page is our own.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
    { env: { DISPLAY: x.display } },
  );
}
