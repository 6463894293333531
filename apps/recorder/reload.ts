import { loadConfig } from "#shared/runtime/config.ts";
import { configDifferences } from "#shared/runtime/config-differences.ts";
import type { Config, RecorderConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";

export interface ReloadOptions {
  /** From `--config`; undefined = where it was looked for at the start. */
  file: string | undefined;
  /** What the recorder was started with. */
  started: Config;
  setCapturePolicy: (policy: RecorderConfig["capture"]) => void;
  log: Log;
}

/**
 * Reads the configuration again each time it is called. `recorder.capture` applies at once; what else has changed is
 * named, as it needs a restart. A faulty file changes nothing.
 */
export function reloader({ file, started, setCapturePolicy, log }: ReloadOptions): () => void {
  let capture = started.recorder.capture;
  return () => {
    let next: Config;
    try {
      next = loadConfig(file);
    } catch (error) {
      log.error({ reason: describeError(error) }, "configuration refused, the one before stays");
      return;
    }
    const applied = configDifferences(capture, next.recorder.capture, "recorder.capture");
    if (applied.length > 0) {
      capture = next.recorder.capture;
      setCapturePolicy(capture);
    }
    const parts = (config: Config) => ({
      recorder: { ...config.recorder, capture: null },
      dynamics: config.dynamics,
    });
    const needRestart = configDifferences(parts(started), parts(next));
    log.info({ applied }, "configuration read again");
    if (needRestart.length > 0)
      log.warn({ keys: needRestart }, "changed keys need a restart of the recorder");
  };
}
