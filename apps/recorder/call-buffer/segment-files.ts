import { join } from "node:path";
import type { Codec, RecordingPhase } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { PolicyReason } from "../domain/policy.ts";
import type { Catalogue } from "./database.ts";

/** A sealed segment's file. */
interface SegmentFile {
  /** Relative to the call buffer's folder. */
  path: string;
  sha256: string;
  bytes: number;
  codec: Codec;
}

/** What there is of a segment: its file, or why there is none. */
export type SegmentLookup = SegmentFile | "erased" | "unknown";

/** Finds segments by recording, track and number. */
export class SegmentFiles {
  readonly folder: string;
  readonly #recording;
  readonly #segment;

  constructor(catalogue: Catalogue, folder: string) {
    this.folder = folder;
    this.#recording = catalogue.prepare<
      [string],
      { phase: RecordingPhase; erased_at: EpochMs | null; policy: PolicyReason | null }
    >("SELECT phase, erased_at, policy FROM recordings WHERE id = ?");
    this.#segment = catalogue.prepare<
      [string, number, string],
      { sha256: string; bytes: number; codec: Codec }
    >(
      `SELECT sha256, bytes, codec FROM segments
       JOIN tracks ON tracks.recording_id = segments.recording_id AND tracks.id = track_id
       WHERE segments.recording_id = ? AND track_id = ? AND segments.id = ? AND fault IS NULL`,
    );
  }

  /**
   * Segments of a discarded recording, and of one that is too short to be handed off with them, count as erased at once. A
   * lost one is not listed any more, so it is unknown.
   */
  find(recordingId: string, trackId: string, segmentId: string): SegmentLookup {
    const recording = this.#recording.get(recordingId);
    if (recording === undefined) return "unknown";
    const { phase, erased_at, policy } = recording;
    if (phase === "discarded" || erased_at !== null || policy === "too-short") return "erased";
    if (!/^[1-9]\d{0,8}$/.test(trackId)) return "unknown";
    const segment = this.#segment.get(recordingId, Number(trackId), segmentId);
    if (segment === undefined) return "unknown";
    return { ...segment, path: join(recordingId, trackId, `${segmentId}.scn`) };
  }
}
