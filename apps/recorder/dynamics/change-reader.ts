import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { DynamicsRows } from "../call-buffer/dynamics-rows.ts";
import type { RowKind } from "./row-schemas.ts";
import type { RowSelection } from "./row-source.ts";

/** What changed since is read again this far back: servers do not commit in the order of their clocks. */
export const NARROW_OVERLAP_MS: DurationMs = 20_000;
const WIDE_OVERLAP_MS: DurationMs = 600_000;
const WIDE_EVERY_MS: DurationMs = 60_000;
/**
 * More than this is caught up with bit by bit, each of which stays read whatever becomes of the next: after days a single
 * read would be too much for the memory, and might never come to its end.
 */
const CATCH_UP_MS: DurationMs = 3_600_000;

/** Such that what is read later can only be newer: what a table says of another one's rows is in them by then. */
const CHANGE_ORDER: readonly RowKind[] = [
  "agent-status-history",
  "session",
  "participant",
  "participant-event",
  "conversation",
];
/** Up to when what has changed since the watermark is in the mirror; a mark in the catalogue. */
const CAUGHT_UP = "caught-up";

export interface ChangeReaderOptions {
  marks: Pick<DynamicsRows, "mark" | "advanceMark">;
  /** Reads rows into the mirror. */
  read: (kind: RowKind, selection: RowSelection, signal: AbortSignal) => Promise<{ readAt: EpochMs }>;
  clock: Clock;
}

/** Reads into the mirror what has changed; as of when it is complete is Dynamics' time of the first read. */
export class ChangeReader {
  readonly #options: ChangeReaderOptions;
  #wideAt: EpochMs = Number.NEGATIVE_INFINITY;

  constructor(options: ChangeReaderOptions) {
    this.#options = options;
  }

  /** The first read ever. */
  readSince(changedSince: EpochMs, signal: AbortSignal): Promise<EpochMs> {
    this.#wideAt = this.#options.clock.now();
    return this.#read({ changedSince }, signal);
  }

  /** What has changed since the last pass that went well. */
  async follow(watermark: EpochMs, signal: AbortSignal): Promise<EpochMs> {
    const now = this.#options.clock.now();
    const isWide = now - this.#wideAt >= WIDE_EVERY_MS;
    const caughtUp = await this.#catchUp(watermark, signal);
    const changedSince = caughtUp - (isWide ? WIDE_OVERLAP_MS : NARROW_OVERLAP_MS);
    const readAt = await this.#read({ changedSince }, signal);
    if (isWide) this.#wideAt = now;
    return readAt;
  }

  /**
   * Reads what has changed since the watermark, all but the last of it. It says nothing yet: rows that were written again
   * later come with the rest.
   *
   * @returns up to when it is read.
   */
  async #catchUp(watermark: EpochMs, signal: AbortSignal): Promise<EpochMs> {
    const { marks, clock } = this.#options;
    let from = Math.max(watermark, marks.mark(CAUGHT_UP) ?? watermark);
    while (from + CATCH_UP_MS < clock.now()) {
      const until = from + CATCH_UP_MS;
      const selection = { changedSince: from - WIDE_OVERLAP_MS, changedBefore: until };
      // Our clock may be ahead of Dynamics'.
      if ((await this.#read(selection, signal)) <= until) break;
      marks.advanceMark(CAUGHT_UP, until);
      from = until;
    }
    return from;
  }

  async #read(
    selection: { changedSince: EpochMs; changedBefore?: EpochMs },
    signal: AbortSignal,
  ): Promise<EpochMs> {
    const readAts: EpochMs[] = [];
    for (const kind of CHANGE_ORDER) readAts.push((await this.#options.read(kind, selection, signal)).readAt);
    return Math.min(...readAts);
  }
}
