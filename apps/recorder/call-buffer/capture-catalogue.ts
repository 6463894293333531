import type { AbsenceDetail, GapReason } from "#shared/api/coverage.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { CaptureCatalogue, SegmentFacts, TrackFacts } from "../capture/ports.ts";
import { whyNoDesktop } from "../domain/absence.ts";
import type { DesktopState } from "../domain/desktop-trust.ts";
import { type ChainLink, chainTail } from "../domain/hash-chain.ts";
import type { Catalogue } from "./database.ts";

/** The capture side's part of the catalogue: tracks, sealed segments, stretches without picture. */
export class CaptureStore implements CaptureCatalogue {
  readonly #note: <Result>(changes: () => Result) => Result;
  readonly #findTrack;
  readonly #nextTrackId;
  readonly #insertTrack;
  readonly #segments;
  readonly #insertSegment;
  readonly #insertOutage;
  readonly #closeOutage;
  readonly #statesOfDesktops;
  readonly #noteDetail;
  readonly #revise;
  readonly #closeOutages;
  readonly #lastSigns;
  readonly #onRevised: () => void;

  /**
   * @param note - makes changes as one, without waiting for the disk: the event loop is media's, and a lost desktop alone
   *   may be several notes.
   * @param onRevised - a sealed recording has changed.
   */
  constructor(catalogue: Catalogue, note: <Result>(changes: () => Result) => Result, onRevised: () => void) {
    this.#note = note;
    this.#onRevised = onRevised;
    this.#findTrack = catalogue.prepare<[string, string, string, string], { id: number }>(
      "SELECT id FROM tracks WHERE recording_id = ? AND desktop = ? AND display = ? AND codec = ?",
    );
    this.#nextTrackId = catalogue.prepare<[string], { id: number }>(
      "SELECT coalesce(max(id), 0) + 1 AS id FROM tracks WHERE recording_id = ?",
    );
    this.#insertTrack = catalogue.prepare(
      `INSERT INTO tracks (recording_id, id, desktop, display, codec, width, height, opened_at)
       VALUES (@recordingId, @id, @desktop, @display, @codec, @width, @height, @openedAt)`,
    );
    this.#segments = catalogue.prepare<[string, number], ChainLink>(
      `SELECT id, sha256, previous_sha256 AS previousSha256 FROM segments
       WHERE recording_id = ? AND track_id = ? ORDER BY id`,
    );
    this.#insertSegment = catalogue.prepare(
      `INSERT INTO segments (recording_id, track_id, id, started_at, duration_ms, frames, bytes, width, height, sha256,
         previous_sha256)
       VALUES (@recordingId, @trackId, @id, @startedAt, @durationMs, @frames, @bytes, @width, @height, @sha256,
         @previousSha256)`,
    );
    this.#insertOutage = catalogue.prepare(
      "INSERT INTO outages (recording_id, track_id, from_at, reason) VALUES (?, ?, ?, ?)",
    );
    this.#closeOutage = catalogue.prepare<[EpochMs, number], { recording_id: string }>(
      "UPDATE outages SET to_at = max(?, from_at) WHERE id = ? AND to_at IS NULL RETURNING recording_id",
    );
    this.#statesOfDesktops = catalogue.prepare<[string], { state: DesktopState }>(
      "SELECT DISTINCT state FROM desktops WHERE agent = (SELECT agent FROM recordings WHERE id = ?)",
    );
    this.#noteDetail = catalogue.prepare<[AbsenceDetail | null, string]>(
      "UPDATE recordings SET absence_detail = ? WHERE id = ?",
    );
    this.#revise = catalogue.prepare(
      "UPDATE recordings SET revision = revision + 1 WHERE id = ? AND phase = 'sealed'",
    );
    this.#closeOutages = catalogue.prepare(
      "UPDATE outages SET to_at = max(?, from_at) WHERE recording_id = ? AND to_at IS NULL",
    );
    this.#lastSigns = catalogue.prepare<[string], { id: number; at: EpochMs }>(
      `SELECT id, coalesce((SELECT max(started_at + duration_ms) FROM segments
         WHERE segments.recording_id = tracks.recording_id AND track_id = tracks.id), opened_at) AS at
       FROM tracks WHERE recording_id = ?`,
    );
  }

  openTrack(facts: TrackFacts): { trackId: string; nextSegment: number; previousSha256: string | null } {
    return this.#inTransaction(facts.recordingId, () => {
      const { recordingId, desktop, display, codec } = facts;
      let id = this.#findTrack.get(recordingId, desktop, display, codec)?.id;
      const isNew = id === undefined;
      if (id === undefined) {
        id = this.#nextTrackId.get(recordingId)?.id ?? 1;
        this.#insertTrack.run({ ...facts, id });
      }
      const segments = this.#segments.all(recordingId, id);
      const opened = {
        trackId: String(id),
        nextSegment: Number(segments.at(-1)?.id ?? 0) + 1,
        previousSha256: chainTail(segments),
      };
      return [opened, isNew];
    });
  }

  addSegment(recordingId: string, trackId: string, segment: SegmentFacts): void {
    this.#inTransaction(recordingId, () => {
      this.#insertSegment.run({ ...segment, recordingId, trackId: Number(trackId) });
      return [undefined, true];
    });
  }

  openOutage(recordingId: string, trackId: string | null, from: EpochMs, reason: GapReason): number {
    return this.#inTransaction(recordingId, () => {
      const track = trackId === null ? null : Number(trackId);
      if (track === null && reason === "desktop-offline") {
        const states = this.#statesOfDesktops.all(recordingId).map(({ state }) => state);
        this.#noteDetail.run(whyNoDesktop(states), recordingId);
      }
      return [Number(this.#insertOutage.run(recordingId, track, from, reason).lastInsertRowid), true];
    });
  }

  /** Notes what more is known of why there may be nothing of a recording. */
  noteDetail(recordingId: string, detail: AbsenceDetail | null): void {
    this.#note(() => this.#noteDetail.run(detail, recordingId));
  }

  closeOutage(outageId: number, to: EpochMs): void {
    this.#note(() => {
      const closed = this.#closeOutage.get(to, outageId);
      if (closed !== undefined) this.#reviseIfSealed(closed.recording_id);
    });
  }

  /**
   * Notes that nobody wrote this recording down from its last sign until then; what was open is closed.
   *
   * @param orderedAt - stands for the last sign of a recording without any track.
   * @param until - now, or the recording's end if that came before.
   */
  noteRestart(recordingId: string, orderedAt: EpochMs, until: EpochMs, reason: GapReason): void {
    this.#note(() => {
      this.#closeOutages.run(until, recordingId);
      const tracks = this.#lastSigns.all(recordingId);
      const signs = tracks.length > 0 ? tracks : [{ id: null, at: orderedAt }];
      for (const { id, at } of signs) {
        const { lastInsertRowid } = this.#insertOutage.run(recordingId, id, Math.min(at, until), reason);
        this.#closeOutage.get(until, Number(lastInsertRowid));
      }
    });
  }

  /** Notes a stretch without picture of every track that is over already. */
  noteAbsence(recordingId: string, from: EpochMs, to: EpochMs, reason: GapReason): void {
    this.#note(() => {
      const { lastInsertRowid } = this.#insertOutage.run(recordingId, null, Math.min(from, to), reason);
      this.#closeOutage.get(to, Number(lastInsertRowid));
    });
  }

  #inTransaction<Result>(recordingId: string, change: () => [result: Result, hasChanged: boolean]): Result {
    return this.#note(() => {
      const [result, hasChanged] = change();
      if (hasChanged) this.#reviseIfSealed(recordingId);
      return result;
    });
  }

  #reviseIfSealed(recordingId: string): void {
    if (this.#revise.run(recordingId).changes > 0) this.#onRevised();
  }
}
