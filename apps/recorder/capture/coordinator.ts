import type { GapReason } from "#shared/api/coverage.ts";
import type { CapturePolicy } from "#shared/protocol/messages.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs, SteadyMs } from "#shared/time/units.ts";
import { AgentCapture } from "./agent-capture.ts";
import type { DesktopIdentity } from "./desktop-link.ts";
import type {
  CaptureControl,
  CaptureEnd,
  CaptureHold,
  CaptureOrder,
  CapturePauses,
  CaptureView,
  CaptureViews,
  DesktopDirectory,
  MediaServer,
} from "./ports.ts";
import type { CaptureStore } from "./recorded-track.ts";

/** How often streams are looked after; small against the 3 s within which a gap must be known. */
const WATCH_EVERY_MS: DurationMs = 250;

export interface CoordinatorOptions {
  /** Catalogue, writers, buffer folder and clock. */
  store: CaptureStore;
  media: MediaServer;
  /** The one to begin with. */
  policy: CapturePolicy;
  log: Log;
  /** Once per recording: the first decodable frame is in a segment file; `writtenAt − order.orderedAt` is its latency. */
  onFirstFrame?: (order: CaptureOrder, writtenAt: EpochMs) => void;
}

/**
 * Brings together what the lifecycle orders and what desktops send: per agent, each stream goes to every open recording.
 * Disposing seals what is open and lets go of all media; the media server itself is the caller's.
 */
export class CaptureCoordinator
  implements CaptureControl, CapturePauses, CaptureHold, DesktopDirectory, CaptureViews, AsyncDisposable
{
  readonly #options: CoordinatorOptions;
  readonly #startedAt: SteadyMs;
  #policy: CapturePolicy;
  readonly #agents = new Map<string, AgentCapture>();
  readonly #agentOfRecording = new Map<string, AgentCapture>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #stopHearingSteps: () => void;
  #watching: Promise<void> = Promise.resolve();
  #isWatching = false;
  /** Why nobody is captured now; null: captures run. */
  #heldFor: GapReason | null = null;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#policy = options.policy;
    this.#startedAt = options.store.clock.steady();
    this.#timer = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    this.#stopHearingSteps = options.store.clock.onStep(() => {
      for (const agent of this.#agents.values()) agent.clockStepped();
    });
  }

  start(order: CaptureOrder): void {
    const agent = this.agent(order.agent);
    this.#agentOfRecording.set(order.recordingId, agent);
    agent.start(order);
  }

  async end(recordingId: string, how: CaptureEnd): Promise<void> {
    const running = this.#ending.get(recordingId);
    if (running) return running;
    const ending = this.#agentOfRecording.get(recordingId)?.end(recordingId, how);
    if (!ending) return;
    this.#ending.set(recordingId, ending);
    try {
      await ending;
      this.#agentOfRecording.delete(recordingId);
    } finally {
      this.#ending.delete(recordingId);
    }
  }

  pause(agent: string): void {
    this.agent(agent).pause();
  }

  resume(agent: string): void {
    this.agent(agent).resume();
  }

  hold(reason: GapReason): void {
    this.#heldFor = reason;
    for (const agent of this.#agents.values()) agent.hold(reason);
  }

  release(): void {
    this.#heldFor = null;
    for (const agent of this.#agents.values()) agent.release();
  }

  get policy(): CapturePolicy {
    return this.#policy;
  }

  /** This policy holds from now on, for captures that run too. */
  setPolicy(policy: CapturePolicy): void {
    this.#policy = policy;
    for (const agent of this.#agents.values()) agent.policyChanged();
  }

  /** Has every desktop serve the agent that it belongs to; those that did not come back by themselves. */
  reassign(ownerOf: (desktop: DesktopIdentity) => string): void {
    for (const agent of [...this.#agents.values()]) {
      agent
        .releaseExcept((desktop) => ownerOf(desktop) === agent.agent)
        .catch((error: unknown) =>
          this.#options.log.error(
            { err: error, agent: agent.agent },
            "media of a desktop could not be closed",
          ),
        );
    }
  }

  agents(): ReturnType<DesktopDirectory["agents"]> {
    return [...this.#agents.values()]
      .map((agent) => ({ agent: agent.agent, desktops: agent.views() }))
      .filter(({ desktops }) => desktops.length > 0)
      .sort((left, right) => (left.agent < right.agent ? -1 : 1));
  }

  captureOf(recordingId: string): CaptureView | null {
    return this.#agentOfRecording.get(recordingId)?.captureOf(recordingId) ?? null;
  }

  /** An agent, made when first spoken of. Ids are lower case already. */
  agent(id: DesktopIdentity["agent"]): AgentCapture {
    const known = this.#agents.get(id);
    if (known) return known;
    const { store, media, log, onFirstFrame = () => {} } = this.#options;
    const agent = new AgentCapture(id, {
      store,
      media,
      policy: () => this.#policy,
      log,
      startedAt: this.#startedAt,
      onFirstFrame,
    });
    this.#agents.set(id, agent);
    if (this.#heldFor !== null) agent.hold(this.#heldFor);
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopHearingSteps();
    await this.#watching;
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()));
    // Whoever asked for an end is told of its failure.
    await Promise.allSettled(this.#ending.values());
  }

  #watch(): void {
    // Also while a watch is under way: a step of the clock is to be noticed at once, though nothing comes in.
    const now = this.#options.store.clock.steady();
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#watching = Promise.all([...this.#agents.values()].map((agent) => agent.watch(now)))
      .then(() => {})
      .catch((error: unknown) => this.#options.log.error({ err: error }, "capture watch failed"))
      .finally(() => {
        this.#isWatching = false;
      });
  }
}
