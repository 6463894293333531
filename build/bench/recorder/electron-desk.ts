import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFile } from "node:fs/promises";
import { type Browser, chromium, type Page } from "@playwright/test";
import { stringify } from "yaml";
import { type Desktop, launchDesktop } from "../../../e2e/rig/desktop.ts";
import type { Site } from "../../../e2e/rig/site.ts";
import { startXDisplay } from "../../../e2e/rig/x-display.ts";
import { bundleDesktop } from "../../bundle-desktop.ts";
import type { BenchRecorder } from "../bench-recorder.ts";
import type { SceneName } from "./corpus.ts";

const SCREEN = { width: 1920, height: 1080 };
const CHROMIUM = "/usr/bin/chromium";

/** An agent's place: a 1080p screen with a scene on it, and the real tray app that belongs to it. */
export interface ElectronDesk extends AsyncDisposable {
  readonly agent: string;
  readonly width: number;
  readonly height: number;
  readonly desktop: Desktop;
  show(scene: SceneName): Promise<void>;
}

/** What a screen can show. */
export type ShownScene = SceneName | "mix";

/** Fills a monitor with a browser; resolves with how to show a scene in it. */
export async function fillMonitor(
  display: string,
  left: number,
): Promise<{ show(scene: ShownScene): Promise<void> } & AsyncDisposable> {
  const browser = await fillScreen(display, left);
  const page = await pageOf(browser);
  return {
    async show(scene) {
      const url = pathToFileURL(join(import.meta.dirname, "scenes/desktop.html"));
      // A page that has only another hash is not loaded again.
      await page.goto("about:blank");
      await page.goto(`${url.href}#${scene}`);
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/**
 * Starts Xvfb, a browser that fills it, and the tray app under Electron.
 *
 * @param folder - for the tray app's data.
 */
export async function startElectronDesk(
  folder: string,
  recorder: BenchRecorder,
  agent: string,
): Promise<ElectronDesk> {
  await using parts = new AsyncDisposableStack();
  const x = parts.use(await startXDisplay(SCREEN));
  const monitor = parts.use(await fillMonitor(x.display, 0));
  await monitor.show("static");
  await bundleDesktop();
  const site = siteOf(folder, recorder);
  const desktop = parts.use(await launchDesktop(site, { agent, device: "PC-ELECTRON", x }));
  const owned = parts.move();
  const show = (scene: SceneName) => monitor.show(scene);
  return { agent, ...SCREEN, desktop, show, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a tray app needs to know of a recorder. */
export function siteOf(
  folder: string,
  recorder: BenchRecorder,
): Pick<Site, "folder" | "recorderUrl" | "tokens" | "desktopConfig"> {
  return {
    folder,
    recorderUrl: recorder.url,
    tokens: { ...recorder.tokens, viewer: "", replayAdmin: "" },
    async desktopConfig(name: string, device: string): Promise<string> {
      const file = join(folder, `desktop-${device}.yaml`);
      const serverUrl = `${recorder.url.replace(/^http/, "ws")}/v1/agent`;
      const { enrollment: enrollmentToken } = recorder.tokens;
      const dataDir = join(folder, `desktop-${device}`);
      const desktop = { serverUrl, enrollmentToken, agent: name, device, dataDir };
      await writeFile(file, stringify({ desktop }), { mode: 0o600 });
      return file;
    },
  };
}

function fillScreen(display: string, left: number): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: false,
    chromiumSandbox: process.getuid?.() !== 0,
    env: { ...(process.env as Record<string, string>), DISPLAY: display },
    args: [
      "--kiosk",
      "--no-first-run",
      "--disable-gpu",
      "--password-store=basic",
      "--force-device-scale-factor=1",
      `--window-position=${left},0`,
      `--window-size=${SCREEN.width},${SCREEN.height}`,
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
    ],
  });
}

async function pageOf(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: null });
  return context.newPage();
}
