import { isIPv6 } from "node:net";
import { tokenHash } from "#shared/http/guards.ts";
import { HttpProblem } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import {
  ACCOUNT_RULE,
  ADDRESS_RULE,
  type Attempts,
  countFailure,
  forgiveOne,
  type LockRule,
  lockedFor,
} from "../../domain/sign-in-lock.ts";
import type { AttemptStore } from "../../store/attempt-store.ts";

/** An attempt that is counted, as a failure until it is said to be none. */
export interface CountedAttempt {
  /** How long nobody is heard now, if it failed, and what was counted; null: the next one is heard at once. */
  readonly lock: { forMs: number; failures: number } | null;
  succeeded(): void;
}

interface Counter {
  key: string;
  rule: LockRule;
}

/** Slows down whoever tries passwords: at one account from anywhere, and from one address at any account. */
export class SignInGuard {
  readonly #store: AttemptStore;
  readonly #clock: Clock;

  constructor(store: AttemptStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Counts an attempt before it is looked at.
   *
   * @param name - of the account, whether it exists or not; null: it is a token that is tried.
   * @throws HttpProblem 429 that says how long to wait; the attempt must not be looked at.
   */
  begin(name: string | null, address: string): CountedAttempt {
    const now = this.#clock.now();
    const byAddress = { key: tokenHash(`address\n${networkOf(address)}`), rule: ADDRESS_RULE };
    const byName = name === null ? null : { key: tokenHash(`account\n${name}`), rule: ACCOUNT_RULE };
    const counters: Counter[] = byName === null ? [byAddress] : [byName, byAddress];
    const locked = Math.max(...counters.map(({ key, rule }) => lockedFor(this.#store.get(key), rule, now)));
    if (locked > 0) throw tooMany(locked);
    this.#store.prune(now - Math.max(ACCOUNT_RULE.forgetAfterMs, ADDRESS_RULE.forgetAfterMs));
    const counted = counters.map(({ key, rule }) => {
      const attempts = countFailure(this.#store.get(key), rule, now);
      this.#store.set(key, attempts);
      return { forMs: lockedFor(attempts, rule, now), failures: attempts.failures };
    });
    const [longest] = counted.toSorted((left, right) => right.forMs - left.forMs);
    return {
      lock: longest === undefined || longest.forMs === 0 ? null : longest,
      succeeded: () => {
        if (byName !== null) this.#store.forget(byName.key);
        // Others' failures from there stay counted.
        const before: Attempts | null = this.#store.get(byAddress.key);
        if (before !== null) this.#store.set(byAddress.key, forgiveOne(before, ADDRESS_RULE));
      },
    };
  }
}

function tooMany(lockedMs: number): HttpProblem {
  const seconds = Math.ceil(lockedMs / 1_000);
  const minutes = Math.ceil(seconds / 60);
  const time = seconds < 60 ? `${seconds} seconds` : minutes === 1 ? "a minute" : `${minutes} minutes`;
  return new HttpProblem(429, `there were too many failed attempts to sign in; try again in ${time}`, {
    headers: { "Retry-After": String(seconds) },
  });
}

/** Who has an IPv6 address has a whole network of them (/64). */
export function networkOf(address: string): string {
  const [plain = ""] = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail = ""] = plain.toLowerCase().split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === "" ? [] : tail.split(":");
  const groups = [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0"), ...back];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
