import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatBytes } from "#shared/text/bytes.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { CaptureHold, TrackWriterOptions } from "../capture/ports.ts";
import {
  findShortage,
  type SpaceFacts,
  type SpaceLimits,
  type SpaceShortage,
} from "../domain/space-policy.ts";

/** What all desktops of a full recorder write meanwhile is small against any sensible reserve. */
const LOOK_EVERY_MS: DurationMs = 2_000;

/** How much room there is, as the guard looks for it; `BufferSpace` is the real one. */
interface SpaceMeter {
  /** Rejects when it cannot be told. */
  read(): Promise<SpaceFacts>;
  add(bytes: number): void;
  invalidate(): void;
}

export interface SpaceGuardOptions {
  folder: string;
  meter: SpaceMeter;
  limits: SpaceLimits;
  /** Erases handed-off files whose time is over; resolves with how many recordings lost theirs. */
  eraseDue: () => Promise<number>;
  log: Log;
}

/**
 * Stops all captures before the call buffer's disk is full, and lets them go on once there is room again. Nothing is
 * deleted for it but what is due to go anyway.
 */
export class SpaceGuard implements AsyncDisposable {
  readonly #options: SpaceGuardOptions;
  #capture: CaptureHold | null = null;
  #timer: NodeJS.Timeout | undefined;
  #facts: SpaceFacts | null = null;
  #shortage: SpaceShortage | null = null;
  #fault: string | null = null;
  #looking: Promise<void> | null = null;
  #isDisposed = false;

  constructor(options: SpaceGuardOptions) {
    this.#options = options;
  }

  /** Resolves once it is known whether captures may run, so it comes before those of an earlier run go on. */
  async start(capture: CaptureHold): Promise<void> {
    this.#capture = capture;
    await this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** As last seen; null: not yet. */
  get facts(): SpaceFacts | null {
    return this.#facts;
  }

  get limits(): SpaceLimits {
    return this.#options.limits;
  }

  /** Why nothing is captured; null: captures run. */
  get shortage(): SpaceShortage | null {
    return this.#shortage;
  }

  /** What somebody has to know and do about the room, in words; null: nothing. */
  get alarm(): string | null {
    const { folder } = this.#options;
    if (this.#shortage !== null) return describeShortage(this.#shortage, folder);
    if (this.#fault === null) return null;
    return `the free space of ${folder} cannot be read (${this.#fault}): captures do not stop before it is full`;
  }

  /** Looks now. Never rejects; looks do not overlap. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** The same options, with what the guard is to know of the files that a writer makes. */
  watch(options: TrackWriterOptions): TrackWriterOptions {
    return {
      ...options,
      onSegment: (segment) => {
        this.#options.meter.add(segment.bytes);
        options.onSegment(segment);
      },
      onFault: (error, reason) => {
        options.onFault(error, reason);
        // Somebody was faster than the next look.
        if (reason === "disk-full" && !this.#isDisposed) void this.look();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { eraseDue, folder, limits, log, meter } = this.#options;
    const before = this.#shortage;
    try {
      this.#facts = await meter.read();
      let shortage = findShortage(this.#facts, limits, before !== null);
      if (shortage !== null && (await eraseDue()) > 0) {
        meter.invalidate();
        this.#facts = await meter.read();
        shortage = findShortage(this.#facts, limits, before !== null);
      }
      if (this.#fault !== null) log.info({ folder }, "free space can be read again");
      this.#fault = null;
      if (this.#isDisposed) return;
      this.#shortage = shortage;
      if (shortage !== null && before === null) {
        this.#capture?.hold("disk-full");
        log.error({ folder, ...shortage }, "too little space: nothing is recorded");
      } else if (shortage === null && before !== null) {
        this.#capture?.release();
        log.info({ folder, ...this.#facts }, "there is space again: recording goes on");
      }
    } catch (error) {
      // Captures stay as they are: what they write tells soon enough that a disk is gone.
      if (this.#fault === null) log.error({ err: error, folder }, "free space cannot be read");
      this.#fault = describeError(error);
    }
  }
}

/** What is wrong, where, and what can be done. */
export function describeShortage({ kind, found, limit, goesOnAt }: SpaceShortage, folder: string): string {
  const consequence = "nothing is recorded, what is there is safe";
  const more = formatBytes(Math.max(1, Math.abs(goesOnAt - found)));
  switch (kind) {
    case "reserve":
      return `${folder}: ${formatBytes(found)} are free, below recorder.buffer.reserveMb (${formatBytes(limit)}): ${consequence}. Free ${more} there or make the disk larger; recording goes on by itself`;
    case "quota":
      return `${folder}: ${formatBytes(found)} are used, above recorder.buffer.quotaMb (${formatBytes(limit)}): ${consequence}. Let the adapter take what waits for it, or raise the quota; recording goes on by itself when ${more} have gone`;
    case "files":
      return `${folder}: only ${found} more files can be made there (no inodes left): ${consequence}. Remove files you do not need from that file system; recording goes on by itself`;
  }
}
