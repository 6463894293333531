import { monitorEventLoopDelay } from "node:perf_hooks";
import type { DurationMs } from "#shared/time/units.ts";

/** Watches how late this process comes to what is due. */
export class LagWatch implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
  }

  get worstMs(): DurationMs {
    return this.#delay.max / 1e6;
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }
}
