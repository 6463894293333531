import type { EpochMs } from "#shared/time/units.ts";

/** Dataverse keeps its times in whole seconds. */
export function wholeSeconds(at: EpochMs): string {
  return new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
}
