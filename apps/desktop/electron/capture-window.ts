import { join } from "node:path";
import { app, BrowserWindow, type Session } from "electron";

/** Makes the window of the capture page: never shown, sandboxed. */
export function createCaptureWindow(bundleFolder: string, session: Session): BrowserWindow {
  return new BrowserWindow({
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
      devTools: !app.isPackaged,
      // A hidden page is throttled otherwise, and frames stop.
      backgroundThrottling: false,
    },
  });
}
