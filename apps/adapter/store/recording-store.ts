import { type Recording, recordingSchema } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";
import type { AdapterDatabase } from "./database.ts";

/** A segment file that was copied and verified. */
export interface StoredSegment extends SegmentRef {
  /** Relative to the data folder. */
  path: string;
  bytes: number;
  sha256: string;
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
        `INSERT INTO segments VALUES (@recordingId, @trackId, @segmentId, @path, @bytes, @sha256)
         ON CONFLICT DO UPDATE SET path = @path, bytes = @bytes, sha256 = @sha256`,
      )
      .run(segment);
  }

  findSegment({ recordingId, trackId, segmentId }: SegmentRef): StoredSegment | null {
    const row = this.#database
      .prepare<[string, string, string], Pick<StoredSegment, "path" | "bytes" | "sha256">>(
        "SELECT path, bytes, sha256 FROM segments WHERE recording_id = ? AND track_id = ? AND segment_id = ?",
      )
      .get(recordingId, trackId, segmentId);
    return row === undefined ? null : { recordingId, trackId, segmentId, ...row };
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
