import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** A sealed segment whose file is not what the catalogue says. */
export interface SegmentFault {
  recordingId: string;
  trackId: number;
  segmentId: string;
  kind: "missing" | "wrong-size" | "wrong-hash";
  /** Relative to the call buffer's folder. */
  path: string;
}

/** A file or folder that the catalogue does not know. */
interface StrayFile {
  /** Relative to the call buffer's folder. */
  path: string;
  bytes: number;
  /** Of a folder: the newest of its files. */
  modifiedAt: EpochMs;
}

/** What was found in a call buffer's folder, compared with its catalogue. */
export interface Inspection {
  /** Recordings that have files, or should have. */
  recordings: number;
  segments: number;
  /** Of the segments' files. */
  bytes: number;
  /** Of the catalogue and its logs. */
  ownBytes: number;
  faults: SegmentFault[];
  /** Segments still being written, or left by a crash. */
  parts: StrayFile[];
  /** What a crash or a bad disk left and only in part could be recovered, kept as evidence. */
  damaged: StrayFile[];
  /** No recording or segment is known of them. Nobody deletes them. */
  orphans: StrayFile[];
}

/** How far an inspection is. */
export interface InspectionProgress {
  recordings: number;
  /** Of how many, as far as folders tell. */
  of: number;
}

export interface InspectionOptions {
  /** Reads every file and compares its hash. */
  isDeep: boolean;
  /** What was changed later is under way: it may have its row in a moment. */
  changedBefore: EpochMs;
}

/** Recordings that are read from the catalogue at once; no transaction lasts longer, so that checkpoints go on. */
const BATCH = 200;
const CHUNK_BYTES = 1_048_576;
/** The catalogue itself, its logs, and the lock. */
const OWN_FILES = /^(catalog\.db|recorder\.lock)(-wal|-shm|-journal)?$/;
const PART = /\.scn\.part$/;
const DAMAGED = /\.scn\.damaged$/;

/**
 * Compares a call buffer's files with its catalogue, both only read. It blocks, so it is for a thread or a program of its
 * own; between its steps, which take some milliseconds each, it yields.
 *
 * @param catalogue - may be written to by somebody else meanwhile: what is found has to be looked at again by whoever
 *   acts on it.
 */
export function* inspectBuffer(
  catalogue: Catalogue,
  folder: string,
  options: InspectionOptions,
): Generator<InspectionProgress, Inspection> {
  const counts = { recordings: 0, segments: 0, bytes: 0, ownBytes: 0 };
  const found: Inspection = { ...counts, faults: [], parts: [], damaged: [], orphans: [] };
  const top = list(folder);
  const folders = new Set(top.filter(({ isFolder }) => isFolder).map(({ name }) => name));
  for (const { name } of top.filter(({ isFolder }) => !isFolder)) {
    if (OWN_FILES.test(name)) found.ownBytes += measure(join(folder, name)).bytes;
    else addStray(found, folder, name, options);
  }
  const progress = () => ({ recordings: found.recordings, of: Math.max(folders.size, found.recordings) });

  for (const id of recordingsWithFiles(catalogue)) {
    found.recordings += 1;
    yield progress();
    yield* inspectRecording(catalogue, folder, id, options, found, progress);
    folders.delete(id);
  }
  const isErased = catalogue.prepare<[string], { id: string }>(
    "SELECT id FROM recordings WHERE id = ? AND erased_at IS NOT NULL",
  );
  for (const name of folders) {
    // One whose files are being erased.
    if (isErased.get(name) === undefined) addStray(found, folder, name, options);
    yield progress();
  }
  return found;
}

function* recordingsWithFiles(catalogue: Catalogue): Generator<string> {
  const batch = catalogue
    .prepare<[string], string>(
      `SELECT id FROM recordings WHERE erased_at IS NULL AND id > ? ORDER BY id LIMIT ${BATCH}`,
    )
    .pluck();
  for (let ids = batch.all(""); ids.length > 0; ids = batch.all(ids.at(-1) ?? "")) yield* ids;
}

interface SegmentRow {
  track_id: number;
  id: string;
  bytes: number;
  sha256: string;
}

function* inspectRecording(
  catalogue: Catalogue,
  folder: string,
  recordingId: string,
  options: InspectionOptions,
  found: Inspection,
  progress: () => InspectionProgress,
): Generator<InspectionProgress, void> {
  const rows = catalogue
    .prepare<[string], SegmentRow>("SELECT track_id, id, bytes, sha256 FROM segments WHERE recording_id = ?")
    .all(recordingId);
  const known = new Set<string>();
  for (const row of rows) {
    const path = join(recordingId, String(row.track_id), `${row.id}.scn`);
    known.add(path);
    found.segments += 1;
    const fault = inspectFile(join(folder, path), row);
    if (fault === null) found.bytes += row.bytes;
    const about = { recordingId, trackId: row.track_id, segmentId: row.id, path };
    if (fault !== null) found.faults.push({ ...about, kind: fault });
    else if (options.isDeep && !(yield* hasHash(join(folder, path), row.sha256, progress)))
      found.faults.push({ ...about, kind: "wrong-hash" });
  }
  for (const track of list(join(folder, recordingId))) {
    const within = join(recordingId, track.name);
    if (!track.isFolder) addStray(found, folder, within, options);
    else
      for (const { name } of list(join(folder, within)))
        if (!known.has(join(within, name))) addStray(found, folder, join(within, name), options);
  }
}

function inspectFile(path: string, row: SegmentRow): "missing" | "wrong-size" | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "missing";
  return found.isFile() && found.size === row.bytes ? null : "wrong-size";
}

/** A file that cannot be read to its end has no hash. */
function* hasHash(
  path: string,
  sha256: string,
  progress: () => InspectionProgress,
): Generator<InspectionProgress, boolean> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      yield progress();
    }
  } catch {
    return false;
  } finally {
    if (file !== null) closeSync(file);
  }
  return hash.digest("hex") === sha256;
}

function addStray(found: Inspection, folder: string, path: string, options: InspectionOptions): void {
  const { bytes, modifiedAt } = measure(join(folder, path));
  if (modifiedAt >= options.changedBefore) return;
  const stray: StrayFile = { path, bytes, modifiedAt };
  if (PART.test(path)) found.parts.push(stray);
  else if (DAMAGED.test(path)) found.damaged.push(stray);
  else found.orphans.push(stray);
}

function measure(path: string): Omit<StrayFile, "path"> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Gone meanwhile: it was somebody's after all.
  if (found === undefined) return { bytes: 0, modifiedAt: Number.POSITIVE_INFINITY };
  if (!found.isDirectory()) return { bytes: found.size, modifiedAt: found.mtimeMs };
  const inside = list(path).map(({ name }) => measure(join(path, name)));
  return {
    bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0),
    modifiedAt: Math.max(found.mtimeMs, ...inside.map(({ modifiedAt }) => modifiedAt)),
  };
}

/** What is in a folder; nothing when it is not there. */
function list(folder: string): { name: string; isFolder: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    }));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return [];
    throw error;
  }
}
