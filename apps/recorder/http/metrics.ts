import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CallEventsAnswer } from "#shared/api/call-event.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

/** What `/metrics` shows, and how it is counted. */
export interface RecorderMetrics {
  readonly registry: Registry;
  countEvents(answer: CallEventsAnswer): void;
  /** From the full receipt of the request that ordered the capture to the first decodable frame in a file. */
  observeFirstFrame(latencyMs: DurationMs): void;
  /** A media worker process ended by itself and is replaced. */
  countMediaWorkerRestart(): void;
  /** The recorder's own clock was set. */
  countClockStep(): void;
}

/** The recorder's metrics, in a registry of their own. */
export function createMetrics(buffer: CallBuffer): RecorderMetrics {
  const registry = new Registry();
  const registers = [registry];
  const events = new Counter({
    name: "deskreel_call_events_total",
    help: "Call events received, by what became of them",
    labelNames: ["outcome"],
    registers,
  });
  const workerRestarts = new Counter({
    name: "deskreel_media_worker_restarts_total",
    help: "Media worker processes that ended by themselves and were replaced",
    registers,
  });
  const firstFrame = new Histogram({
    name: "deskreel_ring_to_first_frame_ms",
    help: "Milliseconds from the receipt of the event that started a recording to its first frame in a file",
    buckets: [250, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000],
    registers,
  });
  const clockSteps = new Counter({
    name: "deskreel_clock_steps_total",
    help: "Times that this machine's clock was set, by more than 20 ms at once",
    registers,
  });
  registry.registerMetric(
    new Gauge({
      name: "deskreel_recordings_open",
      help: "Recordings under way",
      registers: [],
      collect() {
        this.set(buffer.counts().open);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "deskreel_recordings_waiting_for_handoff",
      help: "Sealed recordings whose newest revision no adapter has acknowledged",
      registers: [],
      collect() {
        this.set(buffer.counts().waiting);
      },
    }),
  );
  return {
    registry,
    countEvents({ accepted, duplicates, ignored }) {
      events.inc({ outcome: "accepted" }, accepted);
      events.inc({ outcome: "duplicate" }, duplicates);
      events.inc({ outcome: "ignored" }, ignored.length);
    },
    observeFirstFrame: (latencyMs) => firstFrame.observe(latencyMs),
    countMediaWorkerRestart: () => workerRestarts.inc(),
    countClockStep: () => clockSteps.inc(),
  };
}
