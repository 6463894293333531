import { ulid } from "ulid";
import type { CallEventType } from "#shared/api/call-event.ts";

const DAY_MS = 86_400_000;
const SPAN_MS = 90 * DAY_MS;
const AGENTS = 500;
const SEGMENT_MS = 60_000;
/** Longer than recordings are kept after their hand-off. */
const ERASED_AFTER_MS = 3 * DAY_MS;

/** A recording as a site would have it, with all that the catalogue holds of it. */
export interface MadeUpRecording {
  id: string;
  agent: string;
  callSessionId: string;
  leg: number;
  phase: "provisional" | "kept" | "sealed" | "discarded";
  startedAt: number;
  connectedAt: number | null;
  endedAt: number | null;
  isAcknowledged: boolean;
  isErased: boolean;
  isLate: boolean;
  word: "recorded" | "partial" | "not-recorded" | null;
  events: { id: string; type: CallEventType; at: number }[];
  tracks: { display: string; segments: { startedAt: number; durationMs: number }[] }[];
  outages: { from: number; to: number }[];
}

/** The same numbers in [0, 1) at every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Recordings of the ninety days before `now`, the oldest first: calls of one to six minutes, one in twelve not answered, one
 * in ten transferred, one in twenty with a gap; the last hundred go on, the last two thousand wait for an adapter.
 */
export function* madeUpRecordings(count: number, now: number): Generator<MadeUpRecording> {
  const random = seededRandom(1);
  let before: MadeUpRecording | null = null;
  for (let index = 0; index < count; index += 1) {
    const startedAt = now - SPAN_MS + Math.floor((index * (SPAN_MS - 1_000)) / count);
    const recording: MadeUpRecording = makeUp(random, startedAt, count - index, before, now);
    yield recording;
    before = recording;
  }
}

function makeUp(
  random: () => number,
  startedAt: number,
  fromEnd: number,
  before: MadeUpRecording | null,
  now: number,
): MadeUpRecording {
  const isOpen = fromEnd <= 100;
  const isAnswered = isOpen ? fromEnd > 20 : random() >= 0.08;
  const isTransfer = before !== null && random() < 0.1;
  const isLate = isAnswered && !isOpen && random() < 0.01;
  const agent = `agent-${Math.floor(random() * AGENTS)}@contoso.com`;
  const callSessionId = isTransfer ? before.callSessionId : madeUpId(random);
  const connectedAt = isAnswered ? startedAt + 5_000 : null;
  const endedAt = isOpen ? null : startedAt + (isAnswered ? 60_000 + Math.floor(random() * 300_000) : 20_000);
  const hasGap = isAnswered && !isOpen && random() < 0.05;
  const leg = isTransfer ? before.leg + 1 : 1;
  const at = (types: [CallEventType, number][]) =>
    types.map(([type, time]) => ({
      id: `${callSessionId}:${agent}:${type}:${Math.floor(time / 1_000)}:${leg}`,
      type,
      at: time,
    }));
  const events: [CallEventType, number][] = [["ringing", startedAt]];
  if (connectedAt !== null) events.push(["connected", connectedAt]);
  if (connectedAt !== null && random() < 0.5)
    events.push(["on-hold", connectedAt + 20_000], ["hold-done", connectedAt + 40_000]);
  if (endedAt !== null && isAnswered) events.push(["wrap-up", endedAt - 5_000], ["agent-available", endedAt]);
  if (endedAt !== null && !isAnswered) events.push(["not-responding", endedAt]);
  const displays = isLate ? [] : random() < 0.2 ? ["1", "2"] : ["1"];
  const phase = isAnswered ? "sealed" : "discarded";
  return {
    id: ulid(startedAt, random),
    agent,
    callSessionId,
    leg,
    phase: isOpen ? (isAnswered ? "kept" : "provisional") : phase,
    startedAt,
    connectedAt,
    endedAt,
    isAcknowledged: isAnswered && fromEnd > 2_000,
    isErased: !isOpen && (isAnswered ? fromEnd > 2_000 && startedAt < now - ERASED_AFTER_MS : true),
    isLate,
    word: isOpen ? null : isAnswered && !isLate ? (hasGap ? "partial" : "recorded") : "not-recorded",
    events: at(events),
    tracks: displays.map((display) => ({
      display,
      segments: endedAt === null ? [] : segmentsOf(startedAt + 800, endedAt),
    })),
    outages: hasGap && endedAt !== null ? [{ from: endedAt - 30_000, to: endedAt - 20_000 }] : [],
  };
}

function segmentsOf(from: number, to: number): { startedAt: number; durationMs: number }[] {
  const count = Math.ceil((to - from) / SEGMENT_MS);
  return Array.from({ length: count }, (_, index) => {
    const startedAt = from + index * SEGMENT_MS;
    return { startedAt, durationMs: Math.min(SEGMENT_MS, to - startedAt) };
  });
}

/** Like Dynamics' ids: spread all over. */
export function madeUpId(random: () => number): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
