import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCOUNT_RULE, type Attempts, countFailure, lockedFor } from "./sign-in-lock.ts";

const NOW = 1_772_445_600_000;

/** The lock in seconds after each of so many failures, each made as soon as it is possible. */
function locksOf(count: number): number[] {
  let attempts: Attempts | null = null;
  let now = NOW;
  return Array.from({ length: count }, () => {
    attempts = countFailure(attempts, ACCOUNT_RULE, now);
    const locked = lockedFor(attempts, ACCOUNT_RULE, now);
    now += locked;
    return locked / 1_000;
  });
}

test("four failures cost nothing, each further one twice the time, up to a quarter of an hour", () => {
  expect(locksOf(13)).toEqual([0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
});

test("failures are forgotten after a quiet day, and not before", () => {
  const many = Array.from({ length: 8 }).reduce<Attempts | null>(
    (attempts) => countFailure(attempts, ACCOUNT_RULE, NOW),
    null,
  );
  const day = ACCOUNT_RULE.forgetAfterMs;
  expect(countFailure(many, ACCOUNT_RULE, NOW + day).failures).toBe(9);
  expect(countFailure(many, ACCOUNT_RULE, NOW + day + 1).failures).toBe(1);
});

test("no number of failures and no clock locks for longer than the rule says", () => {
  const attempts = fc.record({ failures: fc.nat(), lastAt: fc.nat(), lockedUntil: fc.maxSafeNat() });
  fc.assert(
    fc.property(attempts, fc.maxSafeNat(), (before, now) => {
      const locked = lockedFor(countFailure(before, ACCOUNT_RULE, now), ACCOUNT_RULE, now);
      return locked >= 0 && locked <= ACCOUNT_RULE.longestDelayMs;
    }),
  );
  expect(lockedFor(null, ACCOUNT_RULE, NOW)).toBe(0);
  const set = { failures: 9, lastAt: NOW, lockedUntil: NOW + 1e12 };
  expect(lockedFor(set, ACCOUNT_RULE, NOW)).toBe(ACCOUNT_RULE.longestDelayMs);
});
