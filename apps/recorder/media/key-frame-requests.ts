import type { DurationMs, SteadyMs } from "#shared/time/units.ts";

/** Requests are at least this far apart: each answer costs up to 400 kB, and too many of them starve the stream. */
export const MIN_REQUEST_DISTANCE_MS: DurationMs = 1_000;
/** A dense picture takes seconds on a slow line; only after this long is an unanswered request taken as lost. */
export const ANSWER_WITHIN_MS: DurationMs = 4_000;

/**
 * Decides when to ask a sender for a key frame. A wish is served by the next key frame that arrives, so wishes that come
 * while an answer is under way need no request of their own. Pure: the owner sends when told to, and calls {@link due} at
 * {@link dueAt}.
 */
export class KeyFrameRequests {
  #wanted = false;
  #sentAt: SteadyMs | null = null;
  #answered = true;

  /** A key frame is wanted. */
  want(): void {
    this.#wanted = true;
  }

  /** Pictures were lost, perhaps the one that was to be the answer. */
  onLoss(): void {
    this.#wanted = true;
    this.#answered = true;
  }

  onKeyFrame(): void {
    this.#wanted = false;
    this.#answered = true;
  }

  /** A request was sent, also one that was not asked for here. */
  onSent(now: SteadyMs): void {
    this.#sentAt = now;
    this.#answered = false;
  }

  /** When the next request is to be sent; null when none is wanted. */
  get dueAt(): SteadyMs | null {
    if (!this.#wanted) return null;
    if (this.#sentAt === null) return Number.NEGATIVE_INFINITY;
    return this.#sentAt + (this.#answered ? MIN_REQUEST_DISTANCE_MS : ANSWER_WITHIN_MS);
  }

  due(now: SteadyMs): boolean {
    return this.dueAt !== null && this.dueAt <= now;
  }
}
