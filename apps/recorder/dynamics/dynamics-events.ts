import { setTimeout as sleep } from "node:timers/promises";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { askedPauseMs } from "#shared/dataverse/dataverse-error.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentNames } from "../agents/agent-names.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { WebhookPost } from "../call-buffer/webhook-posts.ts";
import type { RecordingControl } from "../control/recording-control.ts";
import type { RecorderMetrics } from "../http/metrics.ts";
import type { ReadyCheck } from "../http/ops.ts";
import type { WebhookIntake } from "../intake/on-dataverse-webhook.ts";
import { ClockWatch } from "./clock-watch.ts";
import { DataverseRows } from "./dataverse-rows.ts";
import { createDynamicsMetrics, type DynamicsMetrics } from "./dynamics-metrics.ts";
import { DynamicsSync } from "./dynamics-sync.ts";
import { mappingSettings } from "./mapping-config.ts";
import { PatientRows } from "./patient-rows.ts";
import { PostPipeline } from "./post-pipeline.ts";
import { RefreshQueue } from "./refresh-queue.ts";
import { requestBudget } from "./request-budget.ts";
import { deleteOldRows } from "./row-retention.ts";

/** Posts that wait for longer alarm: Dynamics is away, or there is a fault in them or in us. */
const ALARM_AFTER_MS: DurationMs = 60_000;

export interface DynamicsEventsOptions {
  config: DynamicsConfig & { events: "webhook" | "poll" };
  client: DataverseClient;
  buffer: CallBuffer;
  control: RecordingControl;
  names: AgentNames;
  metrics: RecorderMetrics;
  clock: Clock;
  log: Log;
}

/** Follows Dynamics: takes its webhooks' posts, asks it for what has changed, has the lifecycle decide. */
export class DynamicsEvents implements WebhookIntake, AsyncDisposable {
  readonly #options: DynamicsEventsOptions;
  readonly #sync: DynamicsSync;
  readonly #pipeline: PostPipeline;
  readonly #refreshes: RefreshQueue;
  readonly #metrics: DynamicsMetrics;
  readonly #clockWatch = new ClockWatch();
  readonly #passes: LoopHealth = { fault: null };
  readonly #posts: LoopHealth = { fault: null };
  readonly #calls: LoopHealth = { fault: null };
  readonly #end = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #lastPassAt: EpochMs | null = null;
  #faultsOfPass = 0;

  /** @throws DeskreelError `BAD_CONFIG` when the intervals would take too much of what Dataverse allows. */
  constructor(options: DynamicsEventsOptions) {
    const { config, client, buffer, control, names, metrics, clock, log } = options;
    const { words } = requestBudget(config);
    this.#options = options;
    this.#metrics = createDynamicsMetrics(metrics.registry, {
      waitingPosts: () => buffer.posts.countWaiting(),
      lastPassAgeS: () => (this.#lastPassAt === null ? null : (clock.now() - this.#lastPassAt) / 1_000),
      clockOffsetS: () => (client.clockOffsetMs === null ? null : client.clockOffsetMs / 1_000),
    });
    const rows = new DataverseRows(client, log, () => this.#metrics.countFault("row"));
    this.#sync = new DynamicsSync({
      ...{ buffer, control, names, clock, log },
      source: new PatientRows({
        read: (...selection) => {
          this.#metrics.countQuery();
          return rows.read(...selection);
        },
      }),
      settings: mappingSettings(config.mapping),
      onTaken: (answer, origin) => {
        metrics.countEvents(answer);
        this.#metrics.countEvents(answer, origin);
      },
      onFault: () => {
        this.#faultsOfPass += 1;
        this.#metrics.countFault("mapping");
      },
    });
    this.#refreshes = new RefreshQueue(this.#sync, log, this.#calls);
    this.#pipeline = new PostPipeline({
      ...{ posts: buffer.posts, sync: this.#sync, log, health: this.#posts },
      onOutcome: (outcome) => {
        this.#metrics.countPost(outcome.state);
        // A pass every few seconds judges all of them anyway.
        if (outcome.state === "mapped" && config.events === "webhook") this.#refreshes.want(outcome);
      },
    });
    log.info({ events: config.events, requests: words }, "following Dynamics");
  }

  /** Begins with what the last run did not get to. */
  start(): void {
    const { signal } = this.#end;
    this.#loops.push(this.#pipeline.run(signal), this.#refreshes.run(signal), this.#runPasses(signal));
  }

  async storePost(post: Omit<WebhookPost, "id">): Promise<void> {
    const { buffer, log } = this.#options;
    try {
      const id = await buffer.commit(() => buffer.posts.add(post));
      this.#metrics.countPost("stored");
      this.#pipeline.offer({ ...post, id });
    } catch (error) {
      this.#metrics.countPost("not-stored");
      log.error({ err: error }, "webhook post could not be stored");
      throw error;
    }
  }

  /** For `/readyz`. */
  checks(): ReadyCheck[] {
    const { buffer, clock } = this.#options;
    const oldest = buffer.posts.oldestWaitingAt();
    const waitMs = oldest === null ? 0 : clock.now() - oldest;
    const waiting = `${buffer.posts.countWaiting()} webhook posts wait, the oldest for ${Math.round(waitMs / 1_000)} s`;
    const unmapped = `${this.#faultsOfPass} calls or agents cannot be mapped, see the log`;
    return [
      check("dynamics", this.#passes.fault ?? this.#calls.fault),
      check("dynamics-mapping", this.#faultsOfPass > 0 ? unmapped : null),
      check(
        "dynamics-webhook",
        waitMs > ALARM_AFTER_MS ? [waiting, this.#posts.fault ?? []].flat().join(": ") : null,
      ),
      check("dynamics-clock", this.#clockWatch.alarm()),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#loops);
  }

  async #runPasses(signal: AbortSignal): Promise<void> {
    const { config, client, buffer, clock, log } = this.#options;
    const everyMs = (config.events === "poll" ? config.eventsPollEveryS : config.reconcileS) * 1_000;
    const backoff = { firstMs: Math.min(everyMs, 5_000), mostMs: Math.max(everyMs, 60_000) };
    const loop = { name: "Dynamics", log, signal, backoff, health: this.#passes, askedPauseMs };
    await keepTrying(loop, async () => {
      const beganAt = performance.now();
      this.#faultsOfPass = 0;
      await this.#sync.reconcile(signal);
      this.#lastPassAt = clock.now();
      this.#passes.fault = null;
      this.#clockWatch.note(client.clockOffsetMs);
      await deleteOldRows(buffer, this.#sync.keepRowsFrom, clock.now());
      const restMs = Math.max(0, everyMs - (performance.now() - beganAt));
      // An abort ends it, and the loop sees it.
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    });
  }
}

function check(name: string, alarm: string | null): ReadyCheck {
  return alarm === null ? { name, state: "ok" } : { name, state: "alarm", detail: alarm };
}
