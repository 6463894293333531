import { setTimeout as sleep } from "node:timers/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { InteractionCatalogue } from "../archive/catalogue.ts";
import type { Custody } from "../archive/custody.ts";
import { listDue } from "../archive/retention-run.ts";
import type { RetentionRule } from "../domain/retention.ts";
import type { AdapterStores } from "../store/stores.ts";
import { nextNight } from "./next-night.ts";

export interface RetentionOptions {
  rules: readonly RetentionRule[];
  catalogue: InteractionCatalogue;
  custody: Custody;
  stores: AdapterStores;
  clock: Clock;
  log: Log;
  /** A version of it is being made: it is left for the next night. */
  isBusy?: (interactionId: string) => boolean;
}

/** Deletes every night what the rules say, until the signal aborts. */
export async function runRetention(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = options.clock.now();
    await sleep(nextNight(now) - now, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await deleteDue(options, signal).catch((error: unknown) => {
      options.log.error({ err: error }, "retention failed, tried again next night");
    });
  }
}

/** Deletes what the rules say now; returns how many interactions that were. */
export async function deleteDue(options: RetentionOptions, signal?: AbortSignal): Promise<number> {
  const { rules, catalogue, custody, stores, clock, log, isBusy } = options;
  let deleted = 0;
  for await (const { interactionId, rule } of listDue(catalogue, stores.custody, rules, clock.now())) {
    if (signal?.aborted) break;
    if (isBusy?.(interactionId)) continue;
    try {
      if (await custody.delete({ interactionId, by: "retention", reason: rule })) deleted += 1;
    } catch (error) {
      // One that cannot be deleted must not keep the others.
      if (error instanceof DeskreelError && error.code === "STILL_LOCKED") {
        log.warn({ interactionId, why: error.message }, "interaction not deleted yet");
      } else log.error({ err: error, interactionId }, "interaction not deleted");
    }
  }
  log.info({ deleted }, "retention done");
  return deleted;
}
