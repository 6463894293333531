import type { EpochMs } from "#shared/time/units.ts";

/** A frame that the recorder's capture side was given, as the recorder tells it before it takes it. */
export interface HandedInFrame {
  /** The display. */
  display: string;
  /** One per stream; a new one after each start. */
  stream: string;
  arrivedAt: EpochMs;
  /** As well as the recorder knew it then. */
  capturedAt: EpochMs;
  key: boolean;
  bytes: number;
  /** CRC-32 of its bytes. */
  crc: number;
}

const MARK = "handed-in ";

/** A frame as a line of output. */
export function encodeHandedIn(frame: HandedInFrame): string {
  return `${MARK}${JSON.stringify(frame)}\n`;
}

/** Reads it; null when the line is another. */
export function decodeHandedIn(line: string): HandedInFrame | null {
  return line.startsWith(MARK) ? (JSON.parse(line.slice(MARK.length)) as HandedInFrame) : null;
}
