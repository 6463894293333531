import type { DurationMs } from "#shared/time/units.ts";

/** Why an {@link IdleLimit} ended. */
class IdleError extends Error {
  override readonly name = "IdleError";
}

/** Gives up what stands still: its signal aborts when the outer one does, or when nothing has come for too long. */
export class IdleLimit implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(outer: AbortSignal, idleMs: DurationMs) {
    const end = new AbortController();
    this.signal = AbortSignal.any([outer, end.signal]);
    this.#timer = setTimeout(() => end.abort(new IdleError(`nothing came for ${idleMs} ms`)), idleMs);
  }

  /** Something came. */
  touch(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
