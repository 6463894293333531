/** A recorder as `apps/recorder/main.ts` starts it, but with plain RTP; to be killed. First argument: its configuration. */
// First: see there.
import "../../../apps/recorder/thread-pool.ts";
import { startRecorder } from "../../../apps/recorder/recorder.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { createLog } from "#shared/runtime/log.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { startPlainMedia } from "./plain-media.ts";

const signal = shutdownSignal();
const log = createLog("recorder");
const clock = new WallClock();
await using recorder = await startRecorder(loadConfig(process.argv[2]), log, clock, () =>
  startPlainMedia(log, clock),
);
await Promise.race([aborted(signal), recorder.failed]);
