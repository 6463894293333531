/**
 * The payloads of one picture while its packets come in, as units (NAL units, OBUs; VP8 and VP9 have one) of one or more
 * views into the received packets. Nothing is copied before the picture is whole; the object is used again for the next.
 */
export class PictureParts {
  readonly #views: Uint8Array[] = [];
  /** Index of each unit's first view. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  #bytes = 0;

  get units(): number {
    return this.#starts.length;
  }

  /** Of all units. */
  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    // Also lets go of the packets.
    this.#views.length = 0;
    this.#starts.length = 0;
    this.#lengths.length = 0;
    this.#bytes = 0;
  }

  beginUnit(view: Uint8Array): void {
    this.#starts.push(this.#views.length);
    this.#lengths.push(0);
    this.extendUnit(view);
  }

  /** Adds to the unit that was begun last, or begins the first. */
  extendUnit(view: Uint8Array): void {
    if (this.#starts.length === 0) return this.beginUnit(view);
    this.#views.push(view);
    this.#bytes += view.byteLength;
    const unit = this.#lengths.length - 1;
    this.#lengths[unit] = (this.#lengths[unit] ?? 0) + view.byteLength;
  }

  /** Bytes of a unit. */
  lengthOf(unit: number): number {
    return this.#lengths[unit] ?? 0;
  }

  /** A byte of a unit; 0 behind its end. */
  byteAt(unit: number, offset: number): number {
    let rest = offset;
    for (let view = this.#starts[unit] ?? 0, end = this.#endOf(unit); view < end; view++) {
      const bytes = this.#views[view];
      if (bytes === undefined) break;
      if (rest < bytes.byteLength) return bytes[rest] ?? 0;
      rest -= bytes.byteLength;
    }
    return 0;
  }

  /** Copies a unit without its first `skip` bytes to where there is room for it. @returns where it ends. */
  copyUnit(unit: number, skip: number, target: Uint8Array, at: number): number {
    let rest = skip;
    let end = at;
    for (let view = this.#starts[unit] ?? 0, last = this.#endOf(unit); view < last; view++) {
      const bytes = this.#views[view];
      if (bytes === undefined) break;
      if (rest >= bytes.byteLength) {
        rest -= bytes.byteLength;
        continue;
      }
      target.set(rest === 0 ? bytes : bytes.subarray(rest), end);
      end += bytes.byteLength - rest;
      rest = 0;
    }
    return end;
  }

  /** Everything, one unit right behind the other; of a single view the bytes where they are. */
  joinAll(): Uint8Array {
    const [only] = this.#views;
    if (only !== undefined && this.#views.length === 1) {
      // Not the view itself, which is a Buffer if the packet was one.
      return new Uint8Array(only.buffer, only.byteOffset, only.byteLength);
    }
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const view of this.#views) {
      whole.set(view, at);
      at += view.byteLength;
    }
    return whole;
  }

  #endOf(unit: number): number {
    return this.#starts[unit + 1] ?? this.#views.length;
  }
}
