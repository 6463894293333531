import { open } from "node:fs/promises";
import type { DurationMs } from "#shared/time/units.ts";
import { ByteBudget } from "./byte-budget.ts";
import { FlushTurns } from "./flush-turns.ts";
import type { OpenFile } from "./segment-folder.ts";
import { Turns } from "./turns.ts";

/** Frames of all writers that wait for a slow disk; above it they are dropped, so that memory stays bounded. */
const MOST_WAITING_BYTES = 256 * 1024 * 1024;
/**
 * Between flushes of an open segment to the disk itself; only a power cut loses what was written since. Every second costs
 * 600 segments a twentieth of a core more than every five.
 */
const FLUSH_EVERY_MS: DurationMs = 1_000;
/** Half of the thread pool, so that writes always find a thread. */
const MOST_FLUSHES = 8;
/** A shift's end seals hundreds of segments; each is read back for its hash, which is the event loop's time. */
const MOST_SEALS = 4;

/** What all track writers of a process share: the disk, and how much of it and of the memory they may use at once. */
export class SegmentDisk {
  readonly openFile: OpenFile;
  /** Bytes of frames that are taken and not in a file yet. */
  readonly waiting: ByteBudget;
  readonly flushes = new FlushTurns(FLUSH_EVERY_MS, MOST_FLUSHES);
  readonly seals = new Turns(MOST_SEALS);

  /** @param openFile - tests put a failing or slow disk here. */
  constructor(openFile: OpenFile = open, mostWaitingBytes = MOST_WAITING_BYTES) {
    this.openFile = openFile;
    this.waiting = new ByteBudget(mostWaitingBytes);
  }
}
