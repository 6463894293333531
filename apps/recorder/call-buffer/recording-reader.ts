import type { Statement } from "better-sqlite3";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Recording, RecordingPhase, Segment, Track } from "#shared/api/recording.ts";
import { FILES_ERASED, SEGMENTS_LOST } from "#shared/handoff/files-erased.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { noteWord } from "../domain/call-history.ts";
import type { CoverageStretch } from "../domain/coverage.ts";
import { type GuardKind, guardThatEnded } from "../domain/guards.ts";
import type { Catalogue } from "./database.ts";
import type { RecordingFactsReader, RecordingRow, SegmentRow } from "./recording-facts.ts";

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

type ListStatement = Statement<(string | number)[], RecordingRow>;

/** Recordings as the contracts show them. */
export class RecordingReader {
  readonly #catalogue: Catalogue;
  readonly #facts: RecordingFactsReader;
  readonly #lists = new Map<string, ListStatement>();
  readonly #byId;
  readonly #events;

  constructor(catalogue: Catalogue, facts: RecordingFactsReader) {
    this.#catalogue = catalogue;
    this.#facts = facts;
    this.#byId = catalogue.prepare<[string], RecordingRow>("SELECT * FROM recordings WHERE id = ?");
    this.#events = catalogue.prepare<
      [string],
      { id: string; type: CallEventType; source_at: EpochMs; attributes: string }
    >(
      `SELECT events.id, type, source_at, attributes FROM recording_events JOIN events ON events.id = event_id
       WHERE recording_id = ? ORDER BY at, events.id`,
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
    const rows = this.#list(`INDEXED BY ${indexFor(filter)} ${where}`).all(...values, limit + 1);
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

  #list(selection: string): ListStatement {
    const known = this.#lists.get(selection);
    if (known !== undefined) return known;
    const statement = this.#catalogue.prepare<(string | number)[], RecordingRow>(
      `SELECT * FROM recordings ${selection} ORDER BY started_at DESC, id DESC LIMIT ?`,
    );
    this.#lists.set(selection, statement);
    return statement;
  }

  #describe(row: RecordingRow): Recording {
    const events = this.#events.all(row.id);
    const { notes, tracks, verdict, detail, isPending, hasLostSegments } = this.#facts.read(row);
    const hasNoFiles = row.erased_at !== null || row.policy === "too-short";
    const endedBy = guardThatEnded(notes);
    const isReasonKnown = verdict.word === "not-recorded" && !isPending;
    const reasons = [verdict.reason, detail].filter((word) => word !== null);
    const words = notes.map(noteWord);
    if (isReasonKnown) words.push(...reasons);
    if (row.phase === "sealed" && row.erased_at !== null) words.push(FILES_ERASED);
    if (hasLostSegments) words.push(SEGMENTS_LOST);
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
      tracks: tracks.map(
        ({ track, segments, coverage }): Track => ({
          id: String(track.id),
          desktop: track.desktop,
          display: track.display,
          codec: track.codec,
          width: track.width,
          height: track.height,
          segments: hasNoFiles ? [] : segments.map(toSegment),
          coverage: markEnd(coverage.map(toInterval), endedBy),
        }),
      ),
      coverage: verdict.word,
      note: words.length > 0 ? [...new Set(words)].join(", ") : null,
    };
  }
}

/** Named, since the choice of SQLite without statistics is a guess: nearly all recordings have one phase. */
function indexFor({ phase, agent, callSessionId }: RecordingFilter): string {
  if (callSessionId !== undefined) return "recordings_of_session";
  if (agent !== undefined) return "recordings_of_agent_by_start";
  return phase === undefined ? "recordings_by_start" : "recordings_by_phase";
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
