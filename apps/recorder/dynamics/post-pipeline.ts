import { askedPauseMs, DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { WebhookPost, WebhookPosts } from "../call-buffer/webhook-posts.ts";
import type { DynamicsSync, PostOutcome } from "./dynamics-sync.ts";

/** Posts mapped at once; most of them need nothing that is waited for. */
const MOST_AT_ONCE = 200;
/** Posts that could not be mapped are tried again so many at once. */
const RETRIES_AT_ONCE = 8;
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
    if (this.#running.size >= MOST_AT_ONCE) this.#postpone(post.id);
    else this.#track(this.#take(post));
  }

  /** Tries waiting posts again until the signal aborts; then what is under way is brought to an end. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, health } = this.#options;
    signal.addEventListener("abort", () => this.#end.abort(signal.reason), { once: true });
    const backoff = { firstMs: 1_000, mostMs: 30_000 };
    await keepTrying({ name: "webhook posts", log, signal, backoff, health, askedPauseMs }, async () => {
      if (this.#waiting.size === 0) await this.#wake.pause(null, signal);
      await this.#retryAll(signal);
    });
    await Promise.all(this.#running);
  }

  async #take(post: WebhookPost): Promise<void> {
    try {
      await this.#map(post);
    } catch (error) {
      const { log } = this.#options;
      if (error instanceof DataverseError)
        log.debug({ err: error, postId: post.id }, "webhook post has to wait");
      else log.error({ err: error, postId: post.id }, "webhook post cannot be mapped now");
      this.#postpone(post.id);
    }
  }

  async #map(post: WebhookPost): Promise<void> {
    const limit = AbortSignal.any([this.#end.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
    this.#options.onOutcome(await this.#options.sync.takePost(post, limit));
  }

  /** The oldest first; when Dynamics is away or wants a pause, the rest is not tried in vain. */
  async #retryAll(signal: AbortSignal): Promise<void> {
    const ids = [...this.#waiting].sort((left, right) => left - right);
    let fault: unknown;
    for (let start = 0; start < ids.length; start += RETRIES_AT_ONCE) {
      if (signal.aborted) return;
      const retries = await Promise.allSettled(
        ids.slice(start, start + RETRIES_AT_ONCE).map((id) => this.#retry(id)),
      );
      const faults = retries.flatMap((retry) =>
        retry.status === "rejected" ? [retry.reason as unknown] : [],
      );
      fault ??= faults[0];
      const isAway = faults.find(isAboutDynamics);
      if (isAway !== undefined) throw isAway;
    }
    if (fault !== undefined) throw fault;
  }

  async #retry(id: number): Promise<void> {
    const post = this.#options.posts.findWaiting(id);
    if (post !== null) await this.#map(post);
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
