import { setTimeout as sleep } from "node:timers/promises";
import { askedPauseMs, DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { type Backoff, backoffMs } from "#shared/loop/backoff.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { RowKind } from "./row-schemas.ts";
import type { RowSelection, RowSource, RowsRead } from "./row-source.ts";

interface Patience {
  /** A read that would take longer, pauses included, is not tried again. */
  readonly withinMs: DurationMs;
  readonly backoff: Backoff;
}

const PATIENCE: Patience = { withinMs: 8_000, backoff: { firstMs: 250, mostMs: 2_000 } };

/**
 * Reads again what failed by chance: no answer, a limit, a busy server, an answer that broke off. A round takes many reads,
 * and one that fails would fail them all: with a few such faults in a hundred, rounds would hardly ever succeed. What
 * lasts longer is for whoever repeats rounds.
 */
export class PatientRows implements RowSource {
  readonly #source: RowSource;
  readonly #patience: Patience;

  constructor(source: RowSource, patience = PATIENCE) {
    this.#source = source;
    this.#patience = patience;
  }

  async read(kind: RowKind, selection: RowSelection, signal: AbortSignal): Promise<RowsRead> {
    const { withinMs, backoff } = this.#patience;
    if (signal.aborted) throw givenUp(signal.reason);
    const beganAt = performance.now();
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#source.read(kind, selection, signal);
      } catch (error) {
        const pauseMs = Math.max(askedPauseMs(error) ?? 0, backoffMs(failures, backoff));
        const isLate = performance.now() - beganAt + pauseMs > withinMs;
        if (signal.aborted || isLate || !mayPass(error)) throw error;
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Whether the same request may be answered next time. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof DataverseError)) return false;
  const { status } = error;
  // Of 200: it broke off.
  return status === null || status === 200 || status === 429 || status >= 500;
}

function givenUp(cause: unknown): DataverseError {
  const message = "the rows were not asked for, since nobody waits for them";
  return new DataverseError("NO_ANSWER", message, { status: null }, { cause });
}
