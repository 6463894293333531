import { open, type FileHandle } from "node:fs/promises";
import { readBox } from "../domain/media-length.ts";
import { type PictureTimes, readMp4Pictures } from "../domain/picture-times.ts";
import { runFfprobe } from "./run-ffmpeg.ts";

const MOOV = 0x6d6f6f76;
/** Of a box whose size takes eight bytes. */
const LONGEST_HEADER_BYTES = 16;

/**
 * When the pictures of a finished screen begin, by its own clock.
 *
 * @returns null where the file does not say it.
 */
export function readPictureTimes(path: string, signal: AbortSignal): Promise<PictureTimes | null> {
  return path.endsWith(".webm") ? askForTimes(path, signal) : readIndex(path);
}

/** An MP4 has a table of them in its index: to read it takes a fiftieth of what it takes ffprobe to read the file. */
async function readIndex(path: string): Promise<PictureTimes | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  for (let at = 0; at < size; ) {
    const header = await readBytes(file, at, Math.min(LONGEST_HEADER_BYTES, size - at));
    const { id, start, end } = readBox(new DataView(header.buffer), 0);
    if (id === MOOV) return readMp4Pictures(await readBytes(file, at + start, end - start));
    at += end;
  }
  return null;
}

async function readBytes(file: FileHandle, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}

/** A WebM has none. */
async function askForTimes(path: string, signal: AbortSignal): Promise<PictureTimes | null> {
  const text = await runFfprobe(
    [
      ...["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts:stream=time_base"],
      ...["-of", "csv=p=0", path],
    ],
    signal,
  );
  const lines = text.toString().trimEnd().split("\n");
  const ticksPerSecond = Number(lines.pop()?.split("/")[1]);
  const starts = lines.map(Number).toSorted((a, b) => a - b);
  return Number.isInteger(ticksPerSecond) && starts.length > 0 && starts.every(Number.isInteger)
    ? { ticksPerSecond, starts }
    : null;
}
