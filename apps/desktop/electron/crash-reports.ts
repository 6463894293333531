import { join } from "node:path";
import { app, crashReporter } from "electron";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { pruneCrashDumps } from "../agent/crash-dumps.ts";

const KEPT_DUMPS = 5;
/** Crashpad writes a dump while we hear of the crash. */
const WRITTEN_AFTER_MS = 5_000;

/** Has crashes dumped below the app's data, for whoever looks into one; nothing is ever sent anywhere. */
export function keepCrashReports(log: Log): void {
  const folder = join(app.getPath("userData"), "crashes");
  app.setPath("crashDumps", folder);
  crashReporter.start({ uploadToServer: false });
  const prune = () => {
    pruneCrashDumps(folder, KEPT_DUMPS).then(
      ([newest]) => log.info({ newest: newest ?? null }, "crash dumps looked through"),
      (error: unknown) => log.warn({ reason: describeError(error) }, "crash dumps not looked through"),
    );
  };
  const pruneSoon = () => setTimeout(prune, WRITTEN_AFTER_MS).unref();
  app.on("render-process-gone", pruneSoon);
  app.on("child-process-gone", pruneSoon);
  prune();
}
