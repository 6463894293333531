import { type Recording, recordingSchema } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { ArchivedSource } from "../domain/archived-source.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";
import type { AdapterDatabase } from "./database.ts";

/** A segment file that was copied and verified. */
export interface StoredSegment extends SegmentRef {
  /** Relative to the data folder. */
  path: string;
  bytes: number;
  sha256: string;
  /** Where its pictures are since its file has gone; null: the file is here. */
  archived: ArchivedSource | null;
}

/** A recording as far as it came over. */
export interface StoredRecording {
  /** The newest revision that is here as a whole; while none is, the newest that is known. */
  recording: Recording;
  /** Whether all segments of {@link recording} are here. */
  isWhole: boolean;
  /** Whether {@link recording} is whole and the newest that is known; false while segments are being copied. */
  handedOff: boolean;
  receivedAt: EpochMs;
}

interface RecordingRow {
  revision: number;
  handed_off: number;
  received_at: number;
  document: string;
}

interface SegmentColumns {
  recording_id: string;
  track_id: string;
  segment_id: string;
}

interface SegmentRow {
  path: string;
  bytes: number;
  sha256: string;
  archived: string | null;
}

/** Of a row: the document is the row's own revision, copied, or an older one, which is only kept when it was. */
const IS_WHOLE = "handed_off = 1 OR json_extract(document, '$.revision') < revision";

/**
 * The recordings of all recorders and their copied segments. A revision that is being copied does not take the place of an
 * older one that is here: its recorder may be gone before it is.
 */
export class RecordingStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** A lease shows a recording: it is known now, and waited for. An older or equal revision changes nothing. */
  noteLeased(recording: Recording, at: EpochMs): void {
    const kept = `CASE WHEN ${IS_WHOLE} THEN document ELSE @document END`;
    this.#write(recording, false, at, kept, "WHERE excluded.revision > recordings.revision");
  }

  /** All segments of this revision are here. */
  markHandedOff(recording: Recording, at: EpochMs): void {
    this.#write(recording, true, at, "@document", "WHERE excluded.revision >= recordings.revision");
  }

  /** Whether this revision, or a newer one, is here as a whole. */
  isHandedOff(recordingId: string, revision: number): boolean {
    const row = this.#database
      .prepare<[string, number], { found: number }>(
        "SELECT 1 AS found FROM recordings WHERE recording_id = ? AND revision >= ? AND handed_off = 1",
      )
      .get(recordingId, revision);
    return row !== undefined;
  }

  /** Forgets a recording that its recorder has discarded, with its segments. */
  remove(recordingId: string): void {
    this.#database.prepare("DELETE FROM recordings WHERE recording_id = ?").run(recordingId);
  }

  listOf(interactionId: string): StoredRecording[] {
    return this.#database
      .prepare<[string], RecordingRow>(
        "SELECT revision, handed_off, received_at, document FROM recordings WHERE interaction_id = ? ORDER BY recording_id",
      )
      .all(interactionId)
      .map((row) => {
        const recording = recordingSchema.parse(JSON.parse(row.document));
        const handedOff = row.handed_off === 1;
        const isWhole = handedOff || recording.revision < row.revision;
        return { recording, isWhole, handedOff, receivedAt: row.received_at };
      });
  }

  /** The call sessions of which a recording began in a range, with the first one's beginning. */
  listStarted(from: EpochMs, to: EpochMs): { id: string; startedAt: EpochMs }[] {
    return this.#database
      .prepare<[], { id: string; started: string }>(
        "SELECT interaction_id AS id, min(document ->> 'startedAt') AS started FROM recordings GROUP BY interaction_id",
      )
      .all()
      .map(({ id, started }) => ({ id, startedAt: Date.parse(started) }))
      .filter(({ startedAt }) => startedAt >= from && startedAt < to);
  }

  addSegment(segment: StoredSegment): void {
    this.#database
      .prepare(
        `INSERT INTO segments VALUES (@recordingId, @trackId, @segmentId, @path, @bytes, @sha256, @archived)
         ON CONFLICT DO UPDATE SET path = @path, bytes = @bytes, sha256 = @sha256, archived = @archived`,
      )
      .run({ ...segment, archived: segment.archived === null ? null : JSON.stringify(segment.archived) });
  }

  /** Its file goes: from now on its pictures are in the archive. */
  markArchived({ recordingId, trackId, segmentId }: SegmentRef, source: ArchivedSource): void {
    this.#database
      .prepare("UPDATE segments SET archived = ? WHERE recording_id = ? AND track_id = ? AND segment_id = ?")
      .run(JSON.stringify(source), recordingId, trackId, segmentId);
  }

  findSegment({ recordingId, trackId, segmentId }: SegmentRef): StoredSegment | null {
    const row = this.#database
      .prepare<[string, string, string], SegmentRow>(
        "SELECT path, bytes, sha256, archived FROM segments WHERE recording_id = ? AND track_id = ? AND segment_id = ?",
      )
      .get(recordingId, trackId, segmentId);
    if (row === undefined) return null;
    const archived = row.archived === null ? null : (JSON.parse(row.archived) as ArchivedSource);
    return { recordingId, trackId, segmentId, ...row, archived };
  }

  /** Of the segments whose pictures are in the archive. */
  listArchivedOf(interactionId: string): StoredSegment[] {
    return this.#database
      .prepare<[string], SegmentRow & SegmentColumns>(
        `SELECT segments.* FROM segments JOIN recordings USING (recording_id)
         WHERE interaction_id = ? AND archived IS NOT NULL`,
      )
      .all(interactionId)
      .map(({ recording_id, track_id, segment_id, path, bytes, sha256, archived }) => ({
        ...{ recordingId: recording_id, trackId: track_id, segmentId: segment_id, path, bytes, sha256 },
        archived: archived === null ? null : (JSON.parse(archived) as ArchivedSource),
      }));
  }

  #write(recording: Recording, handedOff: boolean, at: EpochMs, document: string, condition: string): void {
    this.#database
      .prepare(
        `INSERT INTO recordings VALUES (@id, @interactionId, @revision, @handedOff, @at, @document)
         ON CONFLICT (recording_id) DO UPDATE SET revision = @revision, handed_off = @handedOff, received_at = @at,
           document = ${document} ${condition}`,
      )
      .run({
        id: recording.id,
        interactionId: recording.callSessionId,
        revision: recording.revision,
        handedOff: handedOff ? 1 : 0,
        at: Math.round(at),
        document: JSON.stringify(recording),
      });
  }
}
