import type { DurationMs } from "#shared/time/units.ts";
import type { LiveRow, LiveView } from "../../../domain/live-view.ts";

/** What `GET /v1/live` answers. */
export interface LiveAnswer extends LiveView {
  /** Of the calls that were asked about: those that can be played. */
  ended: string[];
}

/** A row of the page: a call that goes on, or one that ended while it was watched. */
export interface ShownRow {
  row: LiveRow;
  /** When that was noticed, by the server's clock; null: it goes on. */
  endedAt: string | null;
  /** Its interaction can be played. */
  isPlayable: boolean;
}

/** So long a call that has ended stays where it was. */
const SHOWN_AFTER_END_MS: DurationMs = 10 * 60_000;

/**
 * What is shown next. Rows stay where they are: a call that has ended keeps its place for a while, one that was never
 * answered goes, for nothing is kept of it.
 */
export function nextRows(before: readonly ShownRow[], answer: LiveAnswer): ShownRow[] {
  const { at, calls } = answer;
  const now = Date.parse(at);
  const going = new Set(calls.map(({ recordingId }) => recordingId));
  const ended = before
    .filter(({ row }) => !going.has(row.recordingId) && wasAnswered(row))
    .map((shown) => ({
      ...shown,
      endedAt: shown.endedAt ?? at,
      isPlayable: shown.isPlayable || answer.ended.includes(shown.row.callSessionId),
    }))
    .filter(({ endedAt }) => now - Date.parse(endedAt) <= SHOWN_AFTER_END_MS);
  const rows = [...calls.map((row): ShownRow => ({ row, endedAt: null, isPlayable: false })), ...ended];
  return rows.sort(({ row: left }, { row: right }) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

/** The calls of which it is asked whether they can be played by now. */
export function endedCalls(rows: readonly ShownRow[]): string[] {
  const ids = rows.flatMap(({ row, endedAt, isPlayable }) =>
    endedAt === null || isPlayable ? [] : [row.callSessionId],
  );
  return [...new Set(ids)].slice(-50);
}

function wasAnswered({ connectedAt, state }: LiveRow): boolean {
  return connectedAt !== null || state !== "ring";
}

function keyOf({ startedAt, recordingId }: LiveRow): string {
  return `${startedAt} ${recordingId}`;
}

/** What comes of a call's screens now, for one cell. */
export type Picture =
  | { kind: "paused"; by: string; why: string; since: string }
  | { kind: "gap"; reason: string; since: string }
  | { kind: "waiting" }
  | {
      kind: "captured";
      screens: number;
      framesPerSecond: number;
      kbitPerSecond: number;
      /** Why further screens have no picture. */
      missing: string[];
    };

/** A monitor that is off is missing nowhere. */
export function pictureOf({ pause, gap, screens: all }: Pick<LiveRow, "pause" | "gap" | "screens">): Picture {
  if (pause !== null) return { kind: "paused", by: pause.by, why: pause.reason, since: pause.since };
  const screens = all.filter((screen) => screen.gap?.reason !== "monitor-off");
  const captured = screens.filter(({ state }) => state === "captured");
  const gaps = screens.flatMap((screen) => screen.gap ?? []);
  if (captured.length > 0) {
    return {
      kind: "captured",
      screens: captured.length,
      framesPerSecond: Math.max(...captured.map(({ framesPerSecond }) => framesPerSecond)),
      kbitPerSecond: captured.reduce((sum, { kbitPerSecond }) => sum + kbitPerSecond, 0),
      missing: [...new Set(gaps.map(({ reason }) => reason))],
    };
  }
  const first = gap ?? gaps[0] ?? all.find((screen) => screen.gap !== null)?.gap ?? null;
  return first === null || screens.some(({ state }) => state === "waiting")
    ? { kind: "waiting" }
    : { kind: "gap", ...first };
}
