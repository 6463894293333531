import type { EpochMs } from "#shared/time/units.ts";

/**
 * The whole second that an instant lies in. Dataverse stores whole seconds in most columns and milliseconds in some, so
 * all of its times are cut alike before any two are compared.
 */
export function cutToSecond(at: EpochMs): EpochMs {
  return Math.floor(at / 1_000) * 1_000;
}
