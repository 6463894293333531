import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CallEventsAnswer } from "#shared/api/call-event.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { DesktopDirectory } from "../capture/ports.ts";
import type { BufferCheck } from "../control/buffer-check.ts";
import type { SpaceGuard } from "../control/space-guard.ts";
import { desktopMetrics } from "./desktop-metrics.ts";

/** What `/metrics` shows, and how it is counted. */
export interface RecorderMetrics {
  readonly registry: Registry;
  countEvents(answer: CallEventsAnswer): void;
  /** Shows how much room there is from now on. */
  watchSpace(space: Pick<SpaceGuard, "facts" | "limits" | "shortage">): void;
  /** Shows how many segments' files are lost from now on. */
  watchFiles(files: Pick<BufferCheck, "lostSegments">): void;
  /** Shows what desktops take of their PCs from now on. */
  watchDesktops(directory: DesktopDirectory): void;
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
  registry.registerMetric(
    new Gauge({
      name: "deskreel_desktops",
      help: "Desktops whose keys are known, by what they may do",
      labelNames: ["state"],
      registers: [],
      collect() {
        for (const [state, count] of Object.entries(buffer.desktops.counts())) this.set({ state }, count);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "deskreel_desktops_in_doubt",
      help: "Desktops that an admin has to look at: a second device of an agent, or a second key of a device",
      registers: [],
      collect() {
        this.set(buffer.desktops.inDoubt().length);
      },
    }),
  );
  const addGauge = (name: string, help: string, read: () => number | null) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          const value = read();
          if (value === null) this.remove();
          else this.set(value);
        },
      }),
    );
  return {
    registry,
    watchSpace(space) {
      addGauge(
        "deskreel_space_short",
        "1 while nothing is recorded because there is too little space, else 0",
        () => (space.shortage === null ? 0 : 1),
      );
      addGauge(
        "deskreel_space_free_bytes",
        "Bytes that are free on the call buffer's file system",
        () => space.facts?.freeBytes ?? null,
      );
      addGauge(
        "deskreel_space_reserve_bytes",
        "Bytes below which nothing is recorded",
        () => space.limits.reserveBytes,
      );
      addGauge(
        "deskreel_buffer_bytes",
        "Bytes of the call buffer's files, where there is a quota",
        () => space.facts?.bufferBytes ?? null,
      );
      addGauge(
        "deskreel_buffer_quota_bytes",
        "Bytes of the call buffer's files above which nothing is recorded",
        () => space.limits.quotaBytes,
      );
    },
    watchFiles(files) {
      addGauge(
        "deskreel_segments_lost",
        "Sealed segments that no adapter has and whose files are missing or wrong",
        () => files.lostSegments,
      );
    },
    watchDesktops(directory) {
      for (const metric of desktopMetrics(directory)) registry.registerMetric(metric);
    },
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
