import { join } from "node:path";
import { BrowserWindow, type Session } from "electron";
import type { Log } from "#shared/runtime/log.ts";
import { CAPTURE_PAGE_URL } from "./page-protocol.ts";

/** Makes the window of the capture page: never shown, sandboxed, unable to go anywhere else. */
export function createCaptureWindow(bundleFolder: string, session: Session, log: Log): BrowserWindow {
  const window = new BrowserWindow({
    show: false,
    focusable: false,
    skipTaskbar: true,
    title: "Deskreel",
    webPreferences: {
      session,
      preload: join(bundleFolder, "preload.cjs"),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // A hidden page is throttled otherwise, and frames stop.
      backgroundThrottling: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    log.warn({ url }, "window refused");
    return { action: "deny" };
  });
  webContents.on("will-navigate", (event) => {
    if (event.url !== CAPTURE_PAGE_URL) event.preventDefault();
  });
  webContents.on("will-attach-webview", (event) => event.preventDefault());
  return window;
}
