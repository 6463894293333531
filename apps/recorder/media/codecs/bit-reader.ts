/** Reads bits, the most significant first; behind the end it reads zeros and remembers that it did. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  /** More was read than there is. */
  overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Up to 32 bits as an unsigned number. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#position++) {
      const byte = this.#bytes[this.#position >> 3];
      if (byte === undefined) {
        this.overrun = true;
        return 0;
      }
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  /** As many zeros as there are further bits: ue(v) of H.264 (9.1) and, but for its longest values, uvlc() of AV1 (4.10.3). */
  readExpGolomb(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros += 1;
      if (this.overrun || zeros > 31) {
        this.overrun = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
