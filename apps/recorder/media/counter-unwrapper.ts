/**
 * Turns a counter of 16 or 32 bits that wraps into one that does not. Each value is taken as the nearest to the newest
 * one seen, so that late values keep their place; the first value stays as it is, older ones may be negative.
 */
export class CounterUnwrapper {
  readonly #modulus: number;
  #newest: number | null = null;

  /** The highest unwrapped value; null before the first. */
  get newest(): number | null {
    return this.#newest;
  }

  constructor(bits: 16 | 32) {
    this.#modulus = 2 ** bits;
  }

  unwrap(value: number): number {
    const unwrapped = this.peek(value);
    this.#newest = Math.max(this.#newest ?? unwrapped, unwrapped);
    return unwrapped;
  }

  /** What {@link unwrap} would answer, without moving on to it. */
  peek(value: number): number {
    if (this.#newest === null) return value;
    const half = this.#modulus / 2;
    const distance = modulo(value - this.#newest, this.#modulus);
    return this.#newest + (distance < half ? distance : distance - this.#modulus);
  }
}

function modulo(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
