import type { AbsenceDetail, GapReason } from "#shared/api/coverage.ts";
import type { Codec, RecordingPhase } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { detailOf } from "../domain/absence.ts";
import type { DecisionKind } from "../domain/call-history.ts";
import { type CoverageStretch, describeTrack, type Outage } from "../domain/coverage.ts";
import { judgeRecording, type Verdict } from "../domain/coverage-word.ts";
import type { PolicyReason } from "../domain/policy.ts";
import type { Catalogue } from "./database.ts";
import type { PauseStore } from "./pause-store.ts";

/** A recording's row, as far as it is shown or judged. */
export interface RecordingRow {
  id: string;
  agent: string;
  call_session_id: string;
  leg: number;
  phase: RecordingPhase;
  revision: number;
  started_at: EpochMs;
  connected_at: EpochMs | null;
  kept_at: EpochMs | null;
  ended_at: EpochMs | null;
  notes: string;
  erased_at: EpochMs | null;
  policy: PolicyReason | null;
  absence_detail: AbsenceDetail | null;
}

interface TrackRow {
  id: number;
  desktop: string;
  display: string;
  codec: Codec;
  width: number;
  height: number;
  opened_at: EpochMs;
}

export interface SegmentRow {
  track_id: number;
  id: string;
  started_at: EpochMs;
  duration_ms: number;
  frames: number;
  bytes: number;
  sha256: string;
  /** Why its file is not to be handed off; null: it is as it was written. */
  fault: string | null;
}

interface OutageRow {
  track_id: number | null;
  from_at: EpochMs;
  to_at: EpochMs | null;
  reason: GapReason;
}

/** What was written of a recording, and what that is worth. */
export interface RecordingFacts {
  notes: DecisionKind[];
  tracks: { track: TrackRow; segments: SegmentRow[]; coverage: CoverageStretch[] }[];
  /** What is known where there is no track. */
  coverageWithoutTrack: CoverageStretch[];
  verdict: Verdict;
  /** What more was known at that time of why there is nothing. */
  detail: AbsenceDetail | null;
  /** Files of sealed segments are missing or wrong. */
  hasLostSegments: boolean;
  /** While a call goes on, its first segment may just not be sealed yet: then nobody can say why there is none. */
  isPending: boolean;
}

/** Reads what there is of recordings and judges it. */
export class RecordingFactsReader {
  readonly #pauses: PauseStore;
  readonly #tracks;
  readonly #segments;
  readonly #outages;

  constructor(catalogue: Catalogue, pauses: PauseStore) {
    this.#pauses = pauses;
    this.#tracks = catalogue.prepare<[string], TrackRow>(
      "SELECT * FROM tracks WHERE recording_id = ? ORDER BY id",
    );
    this.#segments = catalogue.prepare<[string], SegmentRow>(
      "SELECT * FROM segments WHERE recording_id = ? ORDER BY track_id, id",
    );
    this.#outages = catalogue.prepare<[string], OutageRow>(
      "SELECT * FROM outages WHERE recording_id = ? ORDER BY id",
    );
  }

  read(row: RecordingRow): RecordingFacts {
    const { started_at: startedAt, ended_at: endedAt, phase, policy } = row;
    const allRows = this.#segments.all(row.id);
    const rows = allRows.filter(({ fault }) => fault === null);
    const lost = allRows.filter(({ fault }) => fault !== null);
    const outageRows = this.#outages.all(row.id);
    const outages = outageRows.filter((outage) => outage.track_id === null).map(toOutage);
    const pauses = this.#pauses.between(row.agent, startedAt, endedAt);
    const tracks = this.#tracks.all(row.id).map((track) => {
      const segments = rows.filter((segment) => segment.track_id === track.id);
      const own = outageRows.filter((outage) => outage.track_id === null || outage.track_id === track.id);
      const gone = lost.filter((segment) => segment.track_id === track.id).map(toLoss);
      const facts = { segments: segments.map(toSpan), outages: [...own.map(toOutage), ...gone] };
      const coverage = describeTrack({ ...facts, pauses }, startedAt, endedAt);
      return { track, segments, coverage, judged: { ...facts, openedAt: track.opened_at } };
    });
    const notes = JSON.parse(row.notes) as DecisionKind[];
    const verdict = judgeRecording({
      startedAt,
      connectedAt: row.connected_at,
      keptAt: row.kept_at,
      endedAt,
      phase,
      isStartRefused: notes.includes("start-refused"),
      policy,
      tracks: tracks.map((track) => track.judged),
      outages,
      pauses,
    });
    return {
      notes,
      tracks,
      coverageWithoutTrack:
        tracks.length > 0 ? [] : describeTrack({ segments: [], outages, pauses }, startedAt, endedAt),
      verdict,
      detail: detailOf(verdict, row.absence_detail),
      hasLostSegments: lost.length > 0,
      isPending: endedAt === null && verdict.reason === "late-start",
    };
  }
}

function toSpan(row: SegmentRow): { from: EpochMs; to: EpochMs } {
  return { from: row.started_at, to: row.started_at + row.duration_ms };
}

/** What was captured and has no file any more. */
function toLoss(row: SegmentRow): Outage {
  return { ...toSpan(row), reason: "loss" };
}

function toOutage(row: OutageRow): Outage {
  return { from: row.from_at, to: row.to_at, reason: row.reason };
}
