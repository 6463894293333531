import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Database from "better-sqlite3";
import { BufferSource, EncodedPacketSink, Input, MATROSKA, WEBM } from "mediabunny";
import type { EpochMs } from "#shared/time/units.ts";
import type { FoundFrame } from "./track-account.ts";

/** A segment's row. */
export interface SegmentRow {
  id: string;
  startedAt: EpochMs;
  durationMs: number;
  frames: number;
  bytes: number;
  width: number;
  height: number;
  sha256: string;
  previousSha256: string | null;
}

/** A track of the only recording, as the catalogue has it now. */
export interface TrackRows {
  recordingId: string;
  trackId: string;
  display: string;
  /** In the order of their ids. */
  segments: SegmentRow[];
}

/** Reads the catalogue beside the recorder that runs on it, or after it. */
export function readTracks(bufferDir: string): TrackRows[] {
  const catalogue = new Database(join(bufferDir, "catalog.db"), { readonly: true, fileMustExist: true });
  try {
    const tracks = catalogue.prepare("SELECT recording_id, id, display FROM tracks ORDER BY id").all() as {
      recording_id: string;
      id: number;
      display: string;
    }[];
    const segments = catalogue.prepare(
      `SELECT id, started_at AS startedAt, duration_ms AS durationMs, frames, bytes, width, height, sha256,
         previous_sha256 AS previousSha256 FROM segments WHERE recording_id = ? AND track_id = ? ORDER BY id`,
    );
    return tracks.map(({ recording_id, id, display }) => ({
      recordingId: recording_id,
      trackId: String(id),
      display,
      segments: segments.all(recording_id, id) as SegmentRow[],
    }));
  } finally {
    catalogue.close();
  }
}

/** What is wrong with the files of a track, beside their content: those that there are, against the rows. */
export async function judgeFiles(folder: string, track: TrackRows): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const known = new Set(track.segments.map(({ id }) => id));
  const last = track.segments.at(-1)?.id ?? "";
  return names.flatMap((name) => {
    const [, id = "", kind] = /^(\d{6})\.scn(?:\.(\w+))?$/.exec(name) ?? [];
    if (kind === undefined) return known.has(id) ? [] : [`${name} has no row`];
    // The one that is being written.
    return kind === "part" && id > last ? [] : [`${name} is left over`];
  });
}

/** A sealed segment's frames, by an independent reader. @throws Error that says how file and row differ. */
export async function readSegment(path: string, row: SegmentRow): Promise<FoundFrame[]> {
  const file = await readFile(path);
  const sha256 = createHash("sha256").update(file).digest("hex");
  if (sha256 !== row.sha256 || file.byteLength !== row.bytes)
    throw new Error(`${path} is not what its row says: ${file.byteLength} bytes instead of ${row.bytes}`);
  const input = new Input({ formats: [WEBM, MATROSKA], source: new BufferSource(file) });
  const video = await input.getPrimaryVideoTrack();
  if (video === null) throw new Error(`${path} has no video`);
  const frames: FoundFrame[] = [];
  for await (const { data, type } of new EncodedPacketSink(video).packets())
    frames.push({ key: type === "key", bytes: data.byteLength, crc: crc32(data) });
  if (frames.length !== row.frames)
    throw new Error(`${path} has ${frames.length} frames, its row says ${row.frames}`);
  return frames;
}
