import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log } from "#shared/runtime/log.ts";
import type { CallBuffer } from "../../call-buffer/call-buffer.ts";
import type { StoredTrack } from "../../call-buffer/track-reader.ts";
import { chainTail } from "../../domain/hash-chain.ts";
import { Turns } from "../turns.ts";
import { keepAsDamaged, type RecoveredSegment, recoverSegment } from "./recover-segment.ts";

/** What a start found of the last run's open segments. */
export interface RecoveryCount {
  recovered: number;
  /** Of these, with damage in their middle. */
  damaged: number;
  /** Without a picture that could be saved. */
  lost: number;
  failed: number;
}

/** Tracks at once; each holds a piece of a file, and a cluster in the worst case (17 MB). */
const MOST_TRACKS = 4;
const FOLDERS_PER_TURN = 100;
const SEGMENT_FILE = /^(\d{6})\.scn(\.part)?$/;

/** A segment with a file that the catalogue does not have. */
interface UnfinishedSegment {
  id: string;
  /** It is in the catalogue already: what is left is the file that it was taken from. */
  hasRow: boolean;
  isSealed: boolean;
  isOpen: boolean;
}

interface UnfinishedTrack {
  recordingId: string;
  track: StoredTrack;
  /** In the order of their ids. */
  segments: UnfinishedSegment[];
}

/**
 * Makes segments of all files that the last run has left open, and gives those their place in the catalogue that were
 * sealed just before it ended. To be awaited before captures go on: the gap of a restart begins where the last picture
 * ends, and new segments follow in the chain. Never rejects because of a file: what cannot be recovered stays as it is.
 */
export async function recoverSegments(buffer: CallBuffer, log: Log): Promise<RecoveryCount> {
  const count: RecoveryCount = { recovered: 0, damaged: 0, lost: 0, failed: 0 };
  const turns = new Turns(MOST_TRACKS);
  const unfinished = await findUnfinished(buffer);
  await Promise.all(unfinished.map((track) => turns.run(() => recoverTrack(buffer, track, log, count))));
  if (unfinished.length > 0) log.info({ ...count }, "segments of the last run recovered");
  return count;
}

/** Sealed files without a row can only be in recordings whose files nobody has closed; open files in all. */
async function findUnfinished(buffer: CallBuffer): Promise<UnfinishedTrack[]> {
  const { folder, legs, tracks } = buffer;
  const unclosed = new Set([...legs.open(), ...legs.cut()].map(({ recordingId }) => recordingId));
  const found: UnfinishedTrack[] = [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const [index, { name: recordingId }] of folders.entries()) {
    if (index % FOLDERS_PER_TURN === 0) await nextTurn();
    const listed = listFiles(join(folder, recordingId)).map((trackId) => ({
      trackId,
      names: listFiles(join(folder, recordingId, trackId)),
    }));
    const hasOpenFile = listed.some(({ names }) => names.some((name) => name.endsWith(".part")));
    if (!hasOpenFile && !unclosed.has(recordingId)) continue;
    for (const track of tracks.tracksOf(recordingId)) {
      const names = listed.find(({ trackId }) => trackId === track.trackId)?.names ?? [];
      const segments = unfinishedSegments(names, track);
      if (segments.length > 0) found.push({ recordingId, track, segments });
    }
  }
  return found;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not a folder, or none that can be read: nothing that could be recovered.
    return [];
  }
}

function unfinishedSegments(names: readonly string[], track: StoredTrack): UnfinishedSegment[] {
  const rows = new Set(track.segments.map(({ id }) => id));
  const files = new Map<string, UnfinishedSegment>();
  for (const name of names.toSorted()) {
    const [, id, part] = SEGMENT_FILE.exec(name) ?? [];
    if (id === undefined) continue;
    const segment = files.get(id) ?? { id, hasRow: rows.has(id), isSealed: false, isOpen: false };
    if (part === undefined) segment.isSealed = true;
    else segment.isOpen = true;
    files.set(id, segment);
  }
  return [...files.values()].filter(({ hasRow, isOpen }) => isOpen || !hasRow);
}

async function recoverTrack(
  buffer: CallBuffer,
  { recordingId, track, segments }: UnfinishedTrack,
  log: Log,
  count: RecoveryCount,
): Promise<void> {
  const { trackId, codec, width, height } = track;
  let previousSha256 = chainTail(track.segments);
  for (const { id: segmentId, hasRow, isSealed, isOpen } of segments) {
    const segmentLog = log.child({ recordingId, trackId, segmentId });
    const path = join(buffer.folder, recordingId, trackId, `${segmentId}.scn`);
    try {
      // A recovery that was killed had taken the sealed one from it.
      if (isOpen && isSealed) await keepAsDamaged(path, `${path}.part`);
      if (hasRow) continue;
      const origin = { recordingId, trackId, segmentId, codec, width, height };
      const segment = await recoverSegment(path, isSealed ? path : `${path}.part`, origin);
      if (typeof segment === "string") {
        if (segment === "damaged") count.lost += 1;
        segmentLog.warn({ file: segment }, "segment has no picture that could be saved");
        continue;
      }
      addToCatalogue(buffer, origin, segment, previousSha256);
      previousSha256 = segment.sha256;
      count.recovered += 1;
      if (segment.how === "rewrite") count.damaged += 1;
      const { how, frames, durationMs, bytes, holes } = segment;
      const facts = { how, frames, durationMs: Math.round(durationMs), bytes, holes: holes.length };
      if (how === "rewrite") segmentLog.warn(facts, "damaged segment recovered");
      else segmentLog.info(facts, "segment recovered");
    } catch (error) {
      count.failed += 1;
      segmentLog.error({ err: error }, "segment could not be recovered; the next start tries again");
    }
  }
}

/** The row and what is missing of its pictures, as one: a kill leaves both or none. */
function addToCatalogue(
  buffer: CallBuffer,
  { recordingId, trackId, segmentId }: { recordingId: string; trackId: string; segmentId: string },
  segment: RecoveredSegment,
  previousSha256: string | null,
): void {
  const { startedAt, durationMs, frames, bytes, width, height, sha256, holes } = segment;
  const facts = { startedAt, durationMs, frames, bytes, width, height, sha256, previousSha256 };
  buffer.note(() => {
    buffer.capture.addSegment(recordingId, trackId, { id: segmentId, ...facts });
    for (const { from, to } of holes)
      buffer.capture.closeOutage(buffer.capture.openOutage(recordingId, trackId, from, "loss"), to);
  });
}
