import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { HandedInFrame } from "./handed-in.ts";

/** A frame as a file has it. */
export type FoundFrame = Pick<HandedInFrame, "key" | "bytes" | "crc">;

/** A segment as catalogue and file have it. */
export interface FoundSegment {
  id: string;
  startedAt: EpochMs;
  frames: readonly FoundFrame[];
}

/** What a run of the recorder has lost of a display when it was killed. */
export interface RunLoss {
  frames: number;
  /** From the last frame that is in a file, or else the first one, to the last one that was handed in. */
  lostMs: DurationMs;
}

interface NotedFrame extends HandedInFrame {
  run: number;
  isFound: boolean;
}

/** A stream's clock is known better later on; sent and captured are never further apart here. */
const PLACED_WITHIN_MS: DurationMs = 1_500;

/** Compares what one display has handed in with what is in its segments, frame by frame. */
export class TrackAccount {
  readonly #frames: NotedFrame[] = [];
  /** The first frame that may still come in a segment. */
  #next = 0;

  note(run: number, frame: HandedInFrame): void {
    this.#frames.push({ ...frame, run, isFound: false });
  }

  get handedIn(): number {
    return this.#frames.length;
  }

  hasFramesOf(run: number): boolean {
    return this.#frames.at(-1)?.run === run;
  }

  /** Finds a segment's frames among those handed in; segments come in the order of their ids. @returns what is wrong. */
  match(segment: FoundSegment): string | null {
    const [first] = segment.frames;
    if (first === undefined) return `segment ${segment.id} has no frame`;
    const begin = this.#frames.findIndex(
      (frame, index) =>
        index >= this.#next &&
        isSame(frame, first) &&
        Math.abs(frame.capturedAt - segment.startedAt) < PLACED_WITHIN_MS,
    );
    if (begin === -1) return `segment ${segment.id} begins with a frame that nobody handed in then`;
    const differing = segment.frames.findIndex((frame, index) => {
      const noted = this.#frames[begin + index];
      return noted === undefined || !isSame(noted, frame) || noted.stream !== this.#frames[begin]?.stream;
    });
    if (differing !== -1) return `segment ${segment.id}: its frame ${differing} is not the one handed in`;
    for (let index = begin; index < begin + segment.frames.length; index++) {
      const noted = this.#frames[index];
      if (noted !== undefined) noted.isFound = true;
    }
    this.#next = begin + segment.frames.length;
    return null;
  }

  /** What a run lost; a fault when it is not the end of it that is missing. */
  lossOf(run: number): RunLoss | string {
    const frames = this.#frames.filter((frame) => frame.run === run);
    const lost = frames.filter(({ isFound }) => !isFound);
    const last = frames.at(-1);
    if (lost.length === 0 || last === undefined) return { frames: 0, lostMs: 0 };
    const found = frames.slice(0, -lost.length);
    if (found.some(({ isFound }) => !isFound)) return `run ${run}: frames are missing in its middle`;
    const from = found.at(-1) ?? frames[0] ?? last;
    return { frames: lost.length, lostMs: Math.round(last.arrivedAt - from.arrivedAt) };
  }
}

function isSame(left: FoundFrame, right: FoundFrame): boolean {
  return left.crc === right.crc && left.bytes === right.bytes && left.key === right.key;
}
