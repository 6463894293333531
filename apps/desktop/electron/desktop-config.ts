import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { app } from "electron";
import { loadConfig } from "#shared/runtime/config.ts";
import type { DesktopConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { SettingsLayer } from "#shared/runtime/settings-layers.ts";
import { readManagedSettings, THIS_SYSTEM } from "../managed/managed-settings.ts";

/** The file that `--config` names, if any. @throws DeskreelError `BAD_ARGUMENTS` */
function configFile(): string | undefined {
  // Chromium's own switches are among the arguments, so unknown ones are no fault.
  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { config: { type: "string" } },
    strict: false,
  });
  const file = values.config;
  if (typeof file === "boolean") throw new DeskreelError("BAD_ARGUMENTS", "--config must name a file");
  return file === undefined ? undefined : resolve(file);
}

/** What another start of this app, from wherever, has to be called with. */
export function configArguments(): string[] {
  const file = configFile();
  return file === undefined ? [] : ["--config", file];
}

/**
 * The desktop's configuration: what the administrator has set, over the file of `--config`; without one, an installed
 * app reads `deskreel.yaml` in the user's own folder for it, the working tree's that of the current folder.
 */
export function readDesktopConfig(): { config: DesktopConfig; managed: readonly SettingsLayer[] } {
  const managed = readManagedSettings(THIS_SYSTEM);
  const folder = app.isPackaged ? app.getPath("userData") : process.cwd();
  return { config: loadConfig(configFile(), process.env, folder, managed).desktop, managed };
}
