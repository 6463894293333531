import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { RecorderMetrics } from "../http/metrics.ts";

/** What a step of the recorder's clock is told to. */
interface StepKeepers {
  clock: SteadyClock;
  buffer: Pick<CallBuffer, "note" | "clockSteps">;
  metrics: Pick<RecorderMetrics, "countClockStep">;
  log: Log;
}

/**
 * Notes every step of the recorder's clock, until it is disposed of. Calls and pictures of before and after are compared by
 * wall time, so whoever wonders about a gap or an overlap of just that length finds its reason.
 */
export function noteClockSteps({ clock, buffer, metrics, log }: StepKeepers): Disposable {
  const stop = clock.onStep((step) => {
    log.warn({ stepMs: Math.round(step.stepMs) }, "system clock was stepped");
    metrics.countClockStep();
    try {
      buffer.note(() => buffer.clockSteps.add(step));
    } catch (error) {
      log.error({ err: error }, "step of the clock is not in the catalogue");
    }
  });
  return { [Symbol.dispose]: stop };
}
