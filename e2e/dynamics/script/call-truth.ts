import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { isRecorded, type Stint } from "./stint.ts";

/** A call event that a person who watched the call would write down. */
export interface ExpectedEvent {
  readonly type: CallEventType;
  /** Whole seconds, as Dataverse keeps times. */
  readonly at: EpochMs;
  /** UPN. */
  readonly agent: string;
  /** Null only for `agent-available` by presence or logout. */
  readonly callSessionId: string | null;
}

/** An offer to an agent and what became of it; times in whole seconds. */
export interface ExpectedPart {
  /** UPN. */
  readonly agent: string;
  readonly callSessionId: string;
  readonly mode: "primary" | "consult";
  readonly offeredAt: EpochMs;
  /** Null = not answered: nothing may be kept of it. */
  readonly answeredAt: EpochMs | null;
  /** When the agent was through with it, wrap-up included, or the offer was over; null = nobody ever said. */
  readonly endedAt: EpochMs | null;
}

/**
 * What really happened in one conversation, written down by the simulator while it plays, from what people do and not
 * from rows: the judge of whoever derives call events from the rows.
 */
export class CallTruth {
  readonly callSessionId: string;
  #events: ExpectedEvent[] = [];
  readonly #stints: Stint[] = [];

  constructor(callSessionId: string) {
    this.callSessionId = callSessionId;
  }

  /** The call's own events, and those of its agents' presence that its steps brought about; in order. */
  get events(): readonly ExpectedEvent[] {
    return this.#events;
  }

  /** Writes an event down, once, if it is of a stint that is recorded. */
  expect(type: CallEventType, stint: Stint, at: EpochMs): void {
    if (isRecorded(stint)) this.#add(this.#event(type, stint, at));
  }

  /** The agent is through with all calls, by presence or logout. */
  expectFreed(agent: string, at: EpochMs): void {
    this.#add({ type: "agent-available", at: wholeSecond(at), agent, callSessionId: null });
  }

  /** An offer that was taken in the very second in which it was made never rang. */
  expectNoRing(stint: Stint): void {
    const ring = this.#event("ringing", stint, stint.offeredAt);
    this.#events = this.#events.filter((event) => !isSame(event, ring));
  }

  #event(type: CallEventType, stint: Stint, at: EpochMs): ExpectedEvent {
    return { type, at: wholeSecond(at), agent: stint.upn, callSessionId: this.callSessionId };
  }

  #add(event: ExpectedEvent): void {
    if (!this.#events.some((known) => isSame(known, event))) this.#events.push(event);
  }

  /** Remembers a stint whose end is to be told, if it is recorded. */
  addStint(stint: Stint): void {
    if (isRecorded(stint)) this.#stints.push(stint);
  }

  /** Every offer of this call. `all`: what happened in other calls too, since presence ends an agent's work in each. */
  parts(all: readonly ExpectedEvent[]): ExpectedPart[] {
    return this.#stints.map((stint) => ({
      agent: stint.upn,
      callSessionId: this.callSessionId,
      mode: stint.mode === "consult" ? "consult" : "primary",
      offeredAt: wholeSecond(stint.offeredAt),
      answeredAt: stint.joinedAt === null ? null : wholeSecond(stint.joinedAt),
      endedAt: this.#endOf(stint, all),
    }));
  }

  #endOf(stint: Stint, all: readonly ExpectedEvent[]): EpochMs | null {
    if (stint.joinedAt === null) {
      const end = stint.leftAt ?? stint.droppedAt ?? stint.conversation.closedAt;
      return end === null ? null : wholeSecond(end);
    }
    const answeredAt = wholeSecond(stint.joinedAt);
    const ends = all.filter(
      (event) =>
        event.type === "agent-available" &&
        event.agent === stint.upn &&
        event.at > answeredAt &&
        (event.callSessionId ?? this.callSessionId) === this.callSessionId,
    );
    return ends.length === 0 ? null : Math.min(...ends.map(({ at }) => at));
  }
}

/** One agent in one call session, all offers together. */
export interface ExpectedPair {
  /** UPN. */
  readonly agent: string;
  readonly callSessionId: string;
  /** Whether a recording must be kept; else none may be. */
  readonly isKept: boolean;
  /** First and last of the answered offers; null where nothing was answered, or nobody ever said. */
  readonly answeredAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
}

/** What happened in all the calls, by time. */
export function expectedEvents(truths: readonly CallTruth[]): ExpectedEvent[] {
  const all: ExpectedEvent[] = [];
  for (const event of truths.flatMap((truth) => truth.events)) {
    if (!all.some((known) => isSame(known, event))) all.push(event);
  }
  return all.sort((left, right) => left.at - right.at);
}

/** Every agent in every call session with whether something is kept. */
export function expectedPairs(truths: readonly CallTruth[]): ExpectedPair[] {
  const all = expectedEvents(truths);
  return truths.flatMap((truth) => {
    const parts = truth.parts(all);
    return [...new Set(parts.map(({ agent }) => agent))].map((agent) => {
      const answered = parts.filter((part) => part.agent === agent && part.answeredAt !== null);
      const ends = answered.map(({ endedAt }) => endedAt);
      return {
        agent,
        callSessionId: truth.callSessionId,
        isKept: answered.length > 0,
        answeredAt: answered[0]?.answeredAt ?? null,
        endedAt: ends.includes(null) ? null : (ends.at(-1) ?? null),
      };
    });
  });
}

/** Dataverse's resolution. */
export function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / 1_000) * 1_000;
}

function isSame(left: ExpectedEvent, right: ExpectedEvent): boolean {
  return (
    left.type === right.type &&
    left.at === right.at &&
    left.agent === right.agent &&
    left.callSessionId === right.callSessionId
  );
}
