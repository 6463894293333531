import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** What is remembered of failed attempts, at one account or from one address. */
export interface Attempts {
  /** In a row, without one that succeeded. */
  failures: number;
  lastAt: EpochMs;
  /** No attempt is looked at before. */
  lockedUntil: EpochMs;
}

export interface LockRule {
  /** So many failures in a row cost nothing. */
  free: number;
  /** After the first failure beyond; each further one doubles it. */
  firstDelayMs: DurationMs;
  longestDelayMs: DurationMs;
  /** After so long a quiet time the failures are forgotten. */
  forgetAfterMs: DurationMs;
}

export const ACCOUNT_RULE: LockRule = {
  free: 4,
  firstDelayMs: 15_000,
  longestDelayMs: 15 * 60_000,
  forgetAfterMs: 24 * 60 * 60_000,
};

/** Many people may come from one address, each of whom mistypes now and then. */
export const ADDRESS_RULE: LockRule = {
  free: 29,
  firstDelayMs: 15_000,
  longestDelayMs: 15 * 60_000,
  forgetAfterMs: 60 * 60_000,
};

/** How long no attempt is looked at from now on; 0: it is. A clock that was set back locks nobody for longer than the rule. */
export function lockedFor(attempts: Attempts | null, rule: LockRule, now: EpochMs): DurationMs {
  if (attempts === null) return 0;
  return Math.min(Math.max(0, attempts.lockedUntil - now), rule.longestDelayMs);
}

/** Counts an attempt as failed: before it is looked at, so that many at once are no way around the lock. */
export function countFailure(attempts: Attempts | null, rule: LockRule, now: EpochMs): Attempts {
  const isForgotten = attempts === null || now - attempts.lastAt > rule.forgetAfterMs;
  const failures = (isForgotten ? 0 : attempts.failures) + 1;
  const beyond = failures - rule.free;
  // 2 ** 31 is far above the longest one and still exact.
  const delay = beyond < 1 ? 0 : rule.firstDelayMs * 2 ** Math.min(beyond - 1, 31);
  return { failures, lastAt: now, lockedUntil: delay === 0 ? 0 : now + Math.min(delay, rule.longestDelayMs) };
}

/** Takes one failure back: the attempt was counted before it was looked at, and it was none. */
export function forgiveOne(attempts: Attempts, rule: LockRule): Attempts {
  const failures = Math.max(0, attempts.failures - 1);
  return { ...attempts, failures, lockedUntil: failures <= rule.free ? 0 : attempts.lockedUntil };
}
