import { app } from "electron";
import { DeskreelError } from "#shared/runtime/errors.ts";

/**
 * Switches of Chromium by which the command line opens the app to a debugger, or has it start other programs as its own
 * processes. No fuse is about them; they take effect only after the main script was loaded.
 */
const REFUSED = [
  "remote-debugging-port",
  "remote-debugging-pipe",
  "gpu-launcher",
  "renderer-cmd-prefix",
  "utility-cmd-prefix",
  "browser-subprocess-path",
] as const;

/** Keeps an installed app from being opened by its command line. @throws DeskreelError `BAD_ARGUMENTS` */
export function refuseForeignSwitches(): void {
  if (!app.isPackaged) return;
  const given = REFUSED.filter((name) => app.commandLine.hasSwitch(name));
  if (given.length > 0)
    throw new DeskreelError("BAD_ARGUMENTS", `an installed app does not take --${given.join(", --")}`);
}
