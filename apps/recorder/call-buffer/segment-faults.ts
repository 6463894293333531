import { join } from "node:path";
import type { SegmentFault } from "./buffer-inspection.ts";
import type { Catalogue } from "./database.ts";

/** Which segment. */
type SegmentRef = Pick<SegmentFault, "recordingId" | "trackId" | "segmentId">;

/** A segment whose file was found to be missing or wrong, and what it has to be. */
export interface FaultySegment extends SegmentRef {
  fault: SegmentFault["kind"];
  /** Relative to the call buffer's folder. */
  path: string;
  bytes: number;
  sha256: string;
  /** Whether an adapter still has to take the recording. */
  isWaiting: boolean;
}

/**
 * What became of a fault: `noted` = it is a gap from now on; `known` before; `handed-off` = an adapter has the segment, so
 * nothing is lost; `gone` = there is no such segment to be handed off any more.
 */
export type FaultOutcome = "noted" | "known" | "handed-off" | "gone";

/** So many are told of. */
const TOLD = 1_000;

interface FaultyRow {
  recording_id: string;
  track_id: number;
  id: string;
  fault: SegmentFault["kind"];
  bytes: number;
  sha256: string;
  is_waiting: number;
}

/** Segments whose files are lost: they stay known, but are a gap and not handed off, until the file is back. */
export class SegmentFaults {
  readonly #find;
  readonly #set;
  readonly #revise;
  readonly #all;
  readonly #onRevised: () => void;

  /** @param onRevised - a sealed recording has changed. */
  constructor(catalogue: Catalogue, onRevised: () => void) {
    this.#onRevised = onRevised;
    this.#find = catalogue.prepare<
      [string, number, string],
      { fault: string | null; erased: number; handed_off: number }
    >(
      `SELECT fault, recordings.erased_at IS NOT NULL OR phase = 'discarded' AS erased,
         phase = 'sealed' AND acked_revision >= revision AS handed_off
       FROM segments JOIN recordings ON recordings.id = recording_id
       WHERE recording_id = ? AND track_id = ? AND segments.id = ?`,
    );
    this.#set = catalogue.prepare<[string | null, string, number, string]>(
      "UPDATE segments SET fault = ? WHERE recording_id = ? AND track_id = ? AND id = ?",
    );
    this.#revise = catalogue.prepare<[string]>(
      "UPDATE recordings SET revision = revision + 1 WHERE id = ? AND phase = 'sealed'",
    );
    this.#all = catalogue.prepare<[], FaultyRow>(
      `SELECT recording_id, track_id, segments.id, fault, bytes, sha256,
         phase <> 'sealed' OR acked_revision < revision AS is_waiting
       FROM segments INDEXED BY segments_faulty JOIN recordings ON recordings.id = recording_id
       WHERE fault IS NOT NULL AND erased_at IS NULL ORDER BY recording_id, track_id, segments.id LIMIT ${TOLD}`,
    );
  }

  /** To be called within a transaction, as is `clear`. */
  note({ recordingId, trackId, segmentId, kind }: SegmentRef & Pick<SegmentFault, "kind">): FaultOutcome {
    const found = this.#find.get(recordingId, trackId, segmentId);
    if (found === undefined || found.erased === 1) return "gone";
    if (found.fault !== null) return "known";
    if (found.handed_off === 1) return "handed-off";
    this.#set.run(kind, recordingId, trackId, segmentId);
    this.#reviseIfSealed(recordingId);
    return "noted";
  }

  /** The file is back as it was. */
  clear({ recordingId, trackId, segmentId }: SegmentRef): void {
    const found = this.#find.get(recordingId, trackId, segmentId);
    if (found === undefined || found.erased === 1 || found.fault === null) return;
    this.#set.run(null, recordingId, trackId, segmentId);
    this.#reviseIfSealed(recordingId);
  }

  /** Those whose recordings still have files; a thousand at most. */
  all(): FaultySegment[] {
    return this.#all.all().map((row) => ({
      recordingId: row.recording_id,
      trackId: row.track_id,
      segmentId: row.id,
      fault: row.fault,
      path: join(row.recording_id, String(row.track_id), `${row.id}.scn`),
      bytes: row.bytes,
      sha256: row.sha256,
      isWaiting: row.is_waiting === 1,
    }));
  }

  #reviseIfSealed(recordingId: string): void {
    if (this.#revise.run(recordingId).changes > 0) this.#onRevised();
  }
}
