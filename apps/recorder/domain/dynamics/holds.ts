import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import type { RecordedOffer } from "./offers.ts";
import type { ActivityChange, ParticipantEventRow } from "./rows.ts";

const TALK = 1;
const HOLD = 2;

/** The customer was put on hold by an agent, or taken back. */
export interface HoldMark {
  type: "on-hold" | "hold-done";
  userId: string;
  at: EpochMs;
}

/** A time on hold; `to` null: it lasts. */
export interface Hold {
  userId: string;
  from: EpochMs;
  to: EpochMs | null;
}

/** Holds by participant events: each row is one hold of its participant. */
export function readEventHolds(
  rows: readonly ParticipantEventRow[],
  offers: readonly RecordedOffer[],
  settings: MappingSettings,
): Hold[] {
  if (!settings.holdSignals.includes("participant-events")) return [];
  return rows.flatMap((row) => {
    const offer = offers.find((one) => one.row.id === row.participantId);
    if (offer === undefined || row.type !== settings.holdEventType || row.startedAt === null) return [];
    return [{ userId: offer.userId, from: row.startedAt, to: row.endedAt }];
  });
}

/**
 * Holds by the conversation's activity state: from a write of Hold to the next write of Talk, by the agent that was
 * active at the time. Other states, and a state that is written again, change nothing.
 */
export function readActivityHolds(changes: readonly ActivityChange[], settings: MappingSettings): Hold[] {
  if (!settings.holdSignals.includes("activity-state")) return [];
  const sorted = [...changes].sort((left, right) => left.at - right.at || left.version - right.version);
  const holds: Hold[] = [];
  const lasting = new Map<string, Hold>();
  for (const { activeUserId: userId, state, at } of sorted) {
    if (userId === null) continue;
    const hold = lasting.get(userId);
    if (state === HOLD && hold === undefined) {
      const begun: Hold = { userId, from: at, to: null };
      holds.push(begun);
      lasting.set(userId, begun);
    } else if (state === TALK && hold !== undefined) {
      hold.to = at;
      lasting.delete(userId);
    }
  }
  return holds;
}

/**
 * The beginnings and ends of holds within the agents' time in the call: the end of a hold that outlasts its agent's
 * part in the call would show the agent in the call again.
 */
export function marksOf(holds: readonly Hold[], offers: readonly RecordedOffer[]): HoldMark[] {
  const marks = holds.flatMap(({ userId, from, to }): HoldMark[] => {
    const begin: HoldMark = { type: "on-hold", userId, at: from };
    return to === null ? [begin] : [begin, { type: "hold-done", userId, at: to }];
  });
  return marks.filter((mark) =>
    offers.some(
      (offer) =>
        offer.userId === mark.userId &&
        offer.joinedAt !== null &&
        offer.joinedAt <= mark.at &&
        (offer.endsAt === null || mark.at <= offer.endsAt),
    ),
  );
}

/**
 * Holds by both signals, each once. A participant event knows its hold's beginning and end, where the activity state may
 * have been seen late, or its return to Talk not at all: so an activity's hold that begins in one by events, or near its
 * beginning, is that one, and says only when it ended if the event does not.
 */
export function uniteHolds(
  byEvents: readonly Hold[],
  byActivity: readonly Hold[],
  matchMs: DurationMs,
): Hold[] {
  const united = byEvents.map((hold) => ({ ...hold }));
  const free = new Set(united);
  const unmatched: Hold[] = [];
  for (const hold of [...byActivity].sort((left, right) => left.from - right.from)) {
    const same = [...free].find(
      (other) =>
        other.userId === hold.userId &&
        hold.from >= other.from - matchMs &&
        hold.from <= Math.max(other.from + matchMs, other.to ?? Number.POSITIVE_INFINITY),
    );
    if (same === undefined) {
      if (!byEvents.some((other) => beginsWithin(hold, other))) unmatched.push(hold);
      continue;
    }
    free.delete(same);
    same.to ??= hold.to;
  }
  return [...united, ...unmatched];
}

function beginsWithin(hold: Hold, other: Hold): boolean {
  return (
    hold.userId === other.userId && other.from < hold.from && (other.to === null || hold.from < other.to)
  );
}

/**
 * The marks that tell nothing but what one of the others tells: the same of the same agent within `matchMs`. Each of the
 * others accounts for one mark, the earliest first, so that two quick holds stay two.
 */
export function findTwins(
  marks: readonly HoldMark[],
  others: readonly HoldMark[],
  matchMs: DurationMs,
): ReadonlySet<HoldMark> {
  const free = new Set(others);
  const twins = new Set<HoldMark>();
  for (const mark of [...marks].sort((left, right) => left.at - right.at)) {
    const near = [...free]
      .filter((other) => other.type === mark.type && other.userId === mark.userId)
      .map((other) => ({ other, distance: Math.abs(other.at - mark.at) }))
      .filter(({ distance }) => distance <= matchMs)
      .sort((left, right) => left.distance - right.distance || left.other.at - right.other.at)[0];
    if (near === undefined) continue;
    free.delete(near.other);
    twins.add(mark);
  }
  return twins;
}
