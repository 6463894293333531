import type { Statement } from "better-sqlite3";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { CoverageInterval, GapReason } from "#shared/api/coverage.ts";
import type { Codec, Recording, RecordingPhase, Segment, Track } from "#shared/api/recording.ts";
import { FILES_ERASED } from "#shared/handoff/files-erased.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type DecisionKind, noteWord } from "../domain/call-history.ts";
import { type CoverageStretch, describeTrack, type Outage } from "../domain/coverage.ts";
import { judgeRecording } from "../domain/coverage-word.ts";
import { type GuardKind, guardThatEnded } from "../domain/guards.ts";
import type { PolicyReason } from "../domain/policy.ts";
import type { Catalogue } from "./database.ts";
import type { PauseStore } from "./pause-store.ts";

/** What `GET /v1/recordings` may ask for. */
export interface RecordingFilter {
  phase?: RecordingPhase | undefined;
  agent?: string | undefined;
  callSessionId?: string | undefined;
}

/** Where a list goes on: the last recording that was shown. */
export interface ListPosition {
  startedAt: EpochMs;
  id: string;
}

interface RecordingRow {
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

interface SegmentRow {
  track_id: number;
  id: string;
  started_at: EpochMs;
  duration_ms: number;
  frames: number;
  bytes: number;
  sha256: string;
}

interface OutageRow {
  track_id: number | null;
  from_at: EpochMs;
  to_at: EpochMs | null;
  reason: GapReason;
}

type ListStatement = Statement<(string | number)[], RecordingRow>;

/** Recordings as the contracts show them. */
export class RecordingReader {
  readonly #catalogue: Catalogue;
  readonly #pauses: PauseStore;
  readonly #lists = new Map<string, ListStatement>();
  readonly #byId;
  readonly #events;
  readonly #tracks;
  readonly #segments;
  readonly #outages;

  constructor(catalogue: Catalogue, pauses: PauseStore) {
    this.#catalogue = catalogue;
    this.#pauses = pauses;
    this.#byId = catalogue.prepare<[string], RecordingRow>("SELECT * FROM recordings WHERE id = ?");
    this.#events = catalogue.prepare<
      [string],
      { id: string; type: CallEventType; source_at: EpochMs; attributes: string }
    >(
      `SELECT events.id, type, source_at, attributes FROM recording_events JOIN events ON events.id = event_id
       WHERE recording_id = ? ORDER BY at, events.id`,
    );
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

  find(id: string): Recording | null {
    const row = this.#byId.get(id);
    return row === undefined ? null : this.#describe(row);
  }

  /** Newest first, at most `limit`, from after `position` on. */
  list(
    filter: RecordingFilter,
    limit: number,
    position: ListPosition | null,
  ): { items: Recording[]; next: ListPosition | null } {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const columns = { phase: filter.phase, agent: filter.agent, call_session_id: filter.callSessionId };
    for (const [column, value] of Object.entries(columns)) {
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      values.push(value);
    }
    if (position !== null) {
      conditions.push("(started_at, id) < (?, ?)");
      values.push(position.startedAt, position.id);
    }
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    const rows = this.#list(where).all(...values, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = rows.length > limit && last !== undefined;
    return {
      items: shown.map((row) => this.#describe(row)),
      next: hasMore ? { startedAt: last.started_at, id: last.id } : null,
    };
  }

  /** The call's attributes: of several events the newest that has a key wins. */
  attributes(recordingId: string): Record<string, string> {
    return foldAttributes(this.#events.all(recordingId));
  }

  #list(where: string): ListStatement {
    const known = this.#lists.get(where);
    if (known !== undefined) return known;
    const statement = this.#catalogue.prepare<(string | number)[], RecordingRow>(
      `SELECT * FROM recordings ${where} ORDER BY started_at DESC, id DESC LIMIT ?`,
    );
    this.#lists.set(where, statement);
    return statement;
  }

  #describe(row: RecordingRow): Recording {
    const events = this.#events.all(row.id);
    const segments = this.#segments.all(row.id);
    const outages = this.#outages.all(row.id);
    const pauses = this.#pauses.between(row.agent, row.started_at, row.ended_at);
    const hasNoFiles = row.erased_at !== null || row.policy === "too-short";
    const tracks = this.#tracks.all(row.id).map((track) => ({
      track,
      openedAt: track.opened_at,
      rows: segments.filter((segment) => segment.track_id === track.id),
      outages: outages
        .filter((outage) => outage.track_id === null || outage.track_id === track.id)
        .map(toOutage),
    }));
    const notes = JSON.parse(row.notes) as DecisionKind[];
    const endedBy = guardThatEnded(notes);
    const verdict = judgeRecording({
      startedAt: row.started_at,
      connectedAt: row.connected_at,
      keptAt: row.kept_at,
      endedAt: row.ended_at,
      phase: row.phase,
      isStartRefused: notes.includes("start-refused"),
      policy: row.policy,
      tracks: tracks.map((track) => ({ ...track, segments: track.rows.map(toSpan) })),
      outages: outages.filter((outage) => outage.track_id === null).map(toOutage),
      pauses,
    });
    // While a call goes on, its first segment may just not be sealed yet.
    const isPending = row.ended_at === null && verdict.reason === "late-start";
    const isReasonKnown = verdict.word === "not-recorded" && !isPending;
    const words = notes.map(noteWord);
    if (isReasonKnown && verdict.reason !== null) words.push(verdict.reason);
    if (row.phase === "sealed" && row.erased_at !== null) words.push(FILES_ERASED);
    return {
      id: row.id,
      revision: row.revision,
      agent: row.agent,
      callSessionId: row.call_session_id,
      leg: row.leg,
      phase: row.phase,
      startedAt: formatInstant(row.started_at),
      connectedAt: formatOrNull(row.connected_at),
      endedAt: formatOrNull(row.ended_at),
      events: events.map(({ id, type, source_at }) => ({ id, type, at: formatInstant(source_at) })),
      attributes: foldAttributes(events),
      tracks: tracks.map(({ track, rows, outages: known }): Track => {
        const stretches = describeTrack(
          { segments: rows.map(toSpan), outages: known, pauses },
          row.started_at,
          row.ended_at,
        );
        return {
          id: String(track.id),
          desktop: track.desktop,
          display: track.display,
          codec: track.codec,
          width: track.width,
          height: track.height,
          segments: hasNoFiles ? [] : rows.map(toSegment),
          coverage: markEnd(stretches.map(toInterval), endedBy),
        };
      }),
      coverage: verdict.word,
      note: words.length > 0 ? [...new Set(words)].join(", ") : null,
    };
  }
}

function foldAttributes(events: readonly { attributes: string }[]): Record<string, string> {
  const folded: Record<string, string> = {};
  for (const { attributes } of events) Object.assign(folded, JSON.parse(attributes));
  return folded;
}

/** A guard that ended the recording is told at the end of each track; a pause that it ended has its own `by`. */
function markEnd(intervals: CoverageInterval[], endedBy: GuardKind | null): CoverageInterval[] {
  const last = intervals.at(-1);
  if (endedBy === null || last === undefined || last.by !== undefined) return intervals;
  return [...intervals.slice(0, -1), { ...last, by: endedBy }];
}

function toSpan(row: SegmentRow): { from: EpochMs; to: EpochMs } {
  return { from: row.started_at, to: row.started_at + row.duration_ms };
}

function toOutage(row: OutageRow): Outage {
  return { from: row.from_at, to: row.to_at, reason: row.reason };
}

function toSegment(row: SegmentRow): Segment {
  return {
    id: row.id,
    startedAt: formatInstant(row.started_at),
    durationMs: Math.round(row.duration_ms),
    frames: row.frames,
    bytes: row.bytes,
    sha256: row.sha256,
  };
}

function toInterval({ from, to, ...state }: CoverageStretch): CoverageInterval {
  return { from: formatInstant(from), to: formatOrNull(to), ...state };
}

function formatOrNull(at: EpochMs | null): string | null {
  return at === null ? null : formatInstant(at);
}
