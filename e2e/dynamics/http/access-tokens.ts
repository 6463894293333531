import { randomBytes } from "node:crypto";
import type { Clock } from "#shared/time/wall-clock.ts";

/** The bearer tokens that the token endpoint gave out: opaque, each valid for its lifetime. */
export class AccessTokens {
  readonly #clock: Clock;
  readonly #expiryByToken = new Map<string, number>();
  readonly lifetimeS: number;

  /** @param lifetimeS - how long a token is valid, in seconds; Entra's usual value is 3599. */
  constructor(clock: Clock, lifetimeS: number) {
    this.#clock = clock;
    this.lifetimeS = lifetimeS;
  }

  issue(): string {
    const token = `sim.${randomBytes(48).toString("base64url")}`;
    this.#expiryByToken.set(token, this.#clock.now() + this.lifetimeS * 1000);
    return token;
  }

  /** What is wrong with a token; null when it is good. */
  faultOf(token: string | null): "missing" | "unknown" | "expired" | null {
    if (token === null) return "missing";
    const expiry = this.#expiryByToken.get(token);
    if (expiry === undefined) return "unknown";
    return this.#clock.now() >= expiry ? "expired" : null;
  }

  /** Makes every token given out so far invalid, as if its time had come. */
  expireAll(): void {
    for (const token of this.#expiryByToken.keys()) this.#expiryByToken.set(token, Number.NEGATIVE_INFINITY);
  }
}
