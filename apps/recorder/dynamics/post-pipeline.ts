import { setImmediate as nextTurn } from "node:timers/promises";
import { askedPauseMs, DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { WebhookPost, WebhookPosts } from "../call-buffer/webhook-posts.ts";
import type { DynamicsSync, PostOutcome } from "./dynamics-sync.ts";

/** So many posts at once may wait for rows; beyond that, those are mapped that need none. */
const MOST_AT_ONCE = 200;
/** Posts that could not be mapped are tried again so many at once. */
const RETRIES_AT_ONCE = 8;
/** While Dynamics is away, of so many of the newest it is looked whether they need it still. */
const LOOKED_AT_WHILE_AWAY = 400;
/** A row that a post needs is waited for this long; then others are tried, and this one again later. */
const READ_TIMEOUT_MS: DurationMs = 20_000;

export interface PostPipelineOptions {
  posts: WebhookPosts;
  sync: Pick<DynamicsSync, "takePost">;
  log: Log;
  health: LoopHealth;
  onOutcome: (outcome: PostOutcome) => void;
}

/**
 * Maps posts in the order of arrival, each as soon as it is stored. One that has to wait for Dynamics holds up no other,
 * and is tried again until it is mapped or refused, over restarts too.
 */
export class PostPipeline {
  readonly #options: PostPipelineOptions;
  readonly #running = new Set<Promise<void>>();
  /** To be tried again; sorted when they are. */
  readonly #waiting: Set<number>;
  readonly #wake = new WakeSignal();
  readonly #end = new AbortController();

  /** Posts that the last run did not get to are the first. */
  constructor(options: PostPipelineOptions) {
    this.#options = options;
    this.#waiting = new Set(options.posts.waiting());
  }

  /** A post has been stored. */
  offer(post: WebhookPost): void {
    this.#track(this.#take(post, this.#running.size < MOST_AT_ONCE));
  }

  /** Tries waiting posts again until the signal aborts; then what is under way is brought to an end. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, health } = this.#options;
    signal.addEventListener("abort", () => this.#end.abort(signal.reason), { once: true });
    const backoff = { firstMs: 1_000, mostMs: 10_000 };
    await keepTrying({ name: "webhook posts", log, signal, backoff, health, askedPauseMs }, async () => {
      if (this.#waiting.size === 0) await this.#wake.pause(null, signal);
      await this.#retryAll(signal);
    });
    await Promise.all(this.#running);
  }

  async #take(post: WebhookPost, mayRead: boolean): Promise<void> {
    try {
      await this.#map(post, mayRead);
    } catch (error) {
      const { log } = this.#options;
      if (error instanceof DataverseError)
        log.debug({ err: error, postId: post.id }, "webhook post has to wait");
      else log.error({ err: error, postId: post.id }, "webhook post cannot be mapped now");
      this.#postpone(post.id);
    }
  }

  async #map(post: WebhookPost, mayRead: boolean): Promise<void> {
    const limit = mayRead
      ? AbortSignal.any([this.#end.signal, AbortSignal.timeout(READ_TIMEOUT_MS)])
      : AbortSignal.abort();
    this.#options.onOutcome(await this.#options.sync.takePost(post, limit));
  }

  /** The oldest first; when Dynamics is away or wants a pause, the rest does not ask it in vain. */
  async #retryAll(signal: AbortSignal): Promise<void> {
    const ids = [...this.#waiting].sort((left, right) => left - right);
    let fault: unknown;
    for (let start = 0; start < ids.length; start += RETRIES_AT_ONCE) {
      if (signal.aborted) return;
      const faults = await this.#retryEach(ids.slice(start, start + RETRIES_AT_ONCE), true);
      fault ??= faults[0];
      const isAway = faults.find(isAboutDynamics);
      if (isAway === undefined) continue;
      await this.#retryWithoutReads(ids.slice(start + RETRIES_AT_ONCE).slice(-LOOKED_AT_WHILE_AWAY), signal);
      throw isAway;
    }
    if (fault !== undefined) throw fault;
  }

  /** What a post lacked may have come with another one: a ring before its session's own post. */
  async #retryWithoutReads(ids: readonly number[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < ids.length && !signal.aborted; start += RETRIES_AT_ONCE) {
      // Whatever else fails of these is met again, and reported, when Dynamics is back.
      await this.#retryEach(ids.slice(start, start + RETRIES_AT_ONCE), false);
      await nextTurn();
    }
  }

  async #retryEach(ids: readonly number[], mayRead: boolean): Promise<unknown[]> {
    const retries = await Promise.allSettled(ids.map((id) => this.#retry(id, mayRead)));
    return retries.flatMap((retry) => (retry.status === "rejected" ? [retry.reason as unknown] : []));
  }

  async #retry(id: number, mayRead: boolean): Promise<void> {
    const post = this.#options.posts.findWaiting(id);
    if (post !== null) await this.#map(post, mayRead);
    this.#waiting.delete(id);
  }

  #postpone(id: number): void {
    this.#waiting.add(id);
    this.#wake.wake();
  }

  #track(job: Promise<void>): void {
    this.#running.add(job);
    void job.finally(() => this.#running.delete(job));
  }
}

/** Whether others would fail alike: no answer, a refused sign-in, a limit, a fault of the server. */
function isAboutDynamics(error: unknown): boolean {
  if (!(error instanceof DataverseError)) return false;
  const { status } = error;
  return status === null || status === 401 || status === 429 || status >= 500;
}
