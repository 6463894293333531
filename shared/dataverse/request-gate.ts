import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs } from "#shared/time/units.ts";
import { DataverseError } from "./dataverse-error.ts";

/**
 * Dataverse refuses the 53rd request at once of a user (0x80072326), and recorder and adapter may be the same user: far
 * below that, and still enough to keep up.
 */
const MOST_AT_ONCE = 8;
/** `Retry-After: 0` is no leave to ask again at once. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Keeps a client within the environment's service protection limits (Microsoft, "Service protection API limits"): few
 * requests at once, and none during a pause that the environment asked for, whichever request was told of it. Limits count
 * per user, so one refusal is about all; asking on makes the pause longer.
 */
export class RequestGate {
  readonly #patienceMs: DurationMs;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Until when nothing is sent, by the monotonic clock; and what the environment said. */
  #closed: { until: number; refusal: DataverseError } | null = null;

  /** @param patienceMs - how long one request may wait through pauses, in total; 0 = it fails at once. */
  constructor(patienceMs: DurationMs) {
    this.#patienceMs = patienceMs;
  }

  /**
   * Does one request when its turn comes, again after a pause that it is answered with.
   *
   * @throws DataverseError the refusal, `retryAfterMs` = what is left of the pause, when that exceeds the patience.
   */
  async run<Answer>(signal: AbortSignal, request: () => Promise<Answer>): Promise<Answer> {
    let patienceMs = this.#patienceMs;
    for (;;) {
      patienceMs -= await this.#waitUntilOpen(patienceMs, signal);
      using _place = await this.#takePlace(signal);
      // Another request may have been refused while this one queued.
      if (this.#pauseLeftMs() > 0) continue;
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof DataverseError) || error.retryAfterMs === null) throw error;
        this.#close(error, error.retryAfterMs);
      }
    }
  }

  #close(refusal: DataverseError, pauseMs: DurationMs): void {
    const until = performance.now() + Math.max(pauseMs, SHORTEST_PAUSE_MS);
    if (until > (this.#closed?.until ?? 0)) this.#closed = { until, refusal };
  }

  #pauseLeftMs(): DurationMs {
    return this.#closed === null ? 0 : Math.max(0, Math.ceil(this.#closed.until - performance.now()));
  }

  /** @returns how long that took, ms. */
  async #waitUntilOpen(patienceMs: DurationMs, signal: AbortSignal): Promise<DurationMs> {
    const pauseMs = this.#pauseLeftMs();
    if (this.#closed === null || pauseMs === 0) return 0;
    const { code, message, status } = this.#closed.refusal;
    if (pauseMs > patienceMs) throw new DataverseError(code, message, { status, retryAfterMs: pauseMs });
    await sleep(pauseMs, undefined, { signal }).catch((cause: unknown) => {
      throw givenUp(cause);
    });
    return pauseMs;
  }

  /** Requests take turns in the order in which they came. */
  async #takePlace(signal: AbortSignal): Promise<Disposable> {
    if (this.#running < MOST_AT_ONCE) {
      this.#running += 1;
    } else {
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          this.#waiting.splice(this.#waiting.indexOf(takeOver), 1);
          reject(givenUp(signal.reason));
        };
        const takeOver = () => {
          signal.removeEventListener("abort", giveUp);
          resolve();
        };
        if (signal.aborted) return reject(givenUp(signal.reason));
        signal.addEventListener("abort", giveUp, { once: true });
        this.#waiting.push(takeOver);
      });
    }
    return { [Symbol.dispose]: () => this.#leave() };
  }

  /** A place is handed over, not given back, so that nobody can jump the queue. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

function givenUp(cause: unknown): DataverseError {
  return new DataverseError(
    "NO_ANSWER",
    "the request was given up before it was sent",
    { status: null },
    { cause },
  );
}
