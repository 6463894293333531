import type { DurationMs } from "#shared/time/units.ts";

/** Ends a loop's pause early because there is something to do; a call while nobody waits counts for the next pause. */
export class WakeSignal {
  #isPending = false;
  #end: (() => void) | null = null;

  wake(): void {
    this.#isPending = true;
    this.#end?.();
  }

  /** Resolves when woken, after `atMostMs` (null: never by time), or when the signal aborts; whichever is first. */
  async pause(atMostMs: DurationMs | null, signal: AbortSignal): Promise<void> {
    if (!this.#isPending && !signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#end = resolve;
        signal.addEventListener("abort", this.#onAbort, { once: true });
        if (atMostMs !== null) timer = setTimeout(resolve, Math.min(Math.max(0, atMostMs), LONGEST_TIMER_MS));
      });
      clearTimeout(timer);
      signal.removeEventListener("abort", this.#onAbort);
      this.#end = null;
    }
    this.#isPending = false;
  }

  readonly #onAbort = () => this.#end?.();
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
