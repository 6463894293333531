import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** Why a site's own rules leave a kept recording without pictures. */
export type PolicyReason = "too-short" | "not-sampled";

/** What a site does not want to have. */
export interface PolicySettings {
  /** Calls that an agent was connected to for less than this are handed off without segments; 0: none are. */
  minSessionMs: DurationMs;
  /** How many of a hundred call sessions are captured, 0 to 100. */
  samplePercent: number;
}

/** What the rule on length goes by. */
interface JudgedLeg {
  phase: "provisional" | "kept" | "discarded";
  connectedAt: EpochMs | null;
  endedAt: EpochMs | null;
}

/**
 * Whether a call session is one of those that are captured. A pure function of its id: the same for every agent of the
 * session, on every recorder, and after a restart. Who is sampled at 10 % is sampled at 20 % too.
 *
 * @param callSessionId - lower case.
 */
export function isSampled(callSessionId: string, samplePercent: number): boolean {
  return (hash(callSessionId) / 2 ** 32) * 100 < samplePercent;
}

/**
 * Whether a leg was too short to be kept with its pictures: counted from `connected` to the leg's end, so wrap-up is
 * included. A leg without `connected` is not judged: how long the agent was in the call is not known then.
 */
export function isTooShort(leg: JudgedLeg, minSessionMs: DurationMs): boolean {
  if (leg.phase !== "kept" || leg.connectedAt === null || leg.endedAt === null) return false;
  return leg.endedAt - leg.connectedAt < minSessionMs;
}

/**
 * FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3, since ids that differ in their last digit only must
 * spread too. Not cryptographic: whoever chooses ids could choose who is sampled.
 *
 * @returns an integer in [0, 2^32).
 */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
