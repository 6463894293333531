import { homedir } from "node:os";
import { join } from "node:path";
import { app } from "electron";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { keepEntryFile } from "../agent/autostart-entry.ts";
import { type AutostartStep, chooseAutostart } from "../domain/autostart.ts";

/**
 * Has the app start with the session, or not, as configured. A failure is no reason not to run now.
 *
 * @param args - to be started with.
 */
export async function keepAutostart(
  wanted: boolean | null,
  args: readonly string[],
  log: Log,
): Promise<void> {
  const step = chooseAutostart({
    wanted,
    isPackaged: app.isPackaged,
    platform: process.platform,
    // An AppImage is unpacked anew, elsewhere, at each start.
    program: process.env["APPIMAGE"] ?? process.execPath,
    args,
  });
  try {
    if (await take(step)) log.info({ wanted }, "autostart changed");
  } catch (error) {
    log.warn({ reason: describeError(error) }, "autostart not changed");
  }
}

async function take(step: AutostartStep): Promise<boolean> {
  switch (step.kind) {
    case "leave":
      return false;
    case "entry-file": {
      const configFolder = process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
      return keepEntryFile(join(configFolder, "autostart", "deskreel.desktop"), step.content);
    }
    case "login-item": {
      const item = { path: step.program, args: [...step.args] };
      if (app.getLoginItemSettings(item).openAtLogin === step.openAtLogin) return false;
      app.setLoginItemSettings({ ...item, openAtLogin: step.openAtLogin });
      return true;
    }
  }
}
