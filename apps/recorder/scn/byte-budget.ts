/** How many bytes may be in memory at once. */
export class ByteBudget {
  readonly most: number;
  #used = 0;

  constructor(most: number) {
    this.most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether so many more would be too many. */
  isExceededBy(bytes: number): boolean {
    return this.#used + bytes > this.most;
  }

  /** Room enough to begin anew after it was exceeded, so that not every second frame is dropped. */
  get isRelaxed(): boolean {
    return this.#used < this.most / 2;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
