import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "../../../../build/test/property-runs.ts";
import { compareItems } from "../call-history.ts";
import { AgentLedger } from "../testing/agent-ledger.ts";
import { type ConversationKnowledge, deriveConversationEvents } from "./conversation-events.ts";
import type { MappedEvent } from "./mapped-event.ts";
import { SETTINGS } from "./testing/known-rows.ts";
import { playCall, readCallAt, readWholeCall, STEPS } from "./testing/random-call.ts";

const randomCallArbitrary = fc
  .array(
    fc.record({
      step: fc.constantFrom(...STEPS),
      user: fc.constantFrom("ann", "bob", "eve"),
      after: fc.integer({ min: 0, max: 12 }),
      signal: fc.constantFrom("participant-event", "activity-state", "both"),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map(playCall);
const RUNS = { numRuns: runsOf(3_000) };

function derive(knowledge: ConversationKnowledge): MappedEvent[] {
  return deriveConversationEvents(knowledge, SETTINGS);
}

function idsOf(events: readonly MappedEvent[]): string[] {
  return events.map(({ id }) => id);
}

type RowLists = Pick<
  ConversationKnowledge,
  "sessions" | "participants" | "participantEvents" | "activityChanges"
>;

/** Draws from every list of rows. */
function draw(
  knowledge: ConversationKnowledge,
  from: <Row>(rows: readonly Row[]) => fc.Arbitrary<Row[]>,
): fc.Arbitrary<RowLists> {
  const { sessions, participants, participantEvents, activityChanges } = knowledge;
  return fc.record({
    sessions: from(sessions),
    participants: from(participants),
    participantEvents: from(participantEvents),
    activityChanges: from(activityChanges),
  });
}

/** Some of the rows that there are, perhaps without the conversation's. */
function someOf(knowledge: ConversationKnowledge): fc.Arbitrary<ConversationKnowledge> {
  return fc
    .tuple(
      draw(knowledge, (rows) => fc.subarray([...rows])),
      fc.boolean(),
    )
    .map(([rows, isKnown]) => ({
      ...knowledge,
      ...rows,
      conversation: isKnown ? knowledge.conversation : null,
      completeAsOf: null,
    }));
}

test("events come in the fold's order, each id once, in whole seconds", () => {
  fc.assert(
    fc.property(randomCallArbitrary, (call) => {
      const events = derive(readWholeCall(call));
      expect(events).toEqual([...events].sort(compareItems));
      expect(new Set(idsOf(events)).size).toBe(events.length);
      expect(events.every(({ at }) => at % 1_000 === 0)).toBe(true);
    }),
    RUNS,
  );
});

test("the order of the rows changes nothing", () => {
  const arbitrary = randomCallArbitrary.map(readWholeCall).chain((knowledge) =>
    fc.tuple(
      fc.constant(knowledge),
      draw(knowledge, (rows) =>
        fc.shuffledSubarray([...rows], { minLength: rows.length, maxLength: rows.length }),
      ),
    ),
  );
  fc.assert(
    fc.property(arbitrary, ([knowledge, rows]) => {
      expect(derive({ ...knowledge, ...rows })).toEqual(derive(knowledge));
    }),
    RUNS,
  );
});

// Holds for the rows as they are now, where a session's channel is none that its conversation does not have. An older
// state of a row says one thing that a newer one may take back: the ring of an offer that is joined within its second.
test("from some of the rows nothing is derived that all of them do not say, and more rows only say more", () => {
  const arbitrary = randomCallArbitrary
    .map(readWholeCall)
    .chain((all) => someOf(all).chain((some) => fc.tuple(fc.constant(all), fc.constant(some), someOf(some))));
  fc.assert(
    fc.property(arbitrary, ([all, some, fewer]) => {
      const [fromAll, fromSome, fromFewer] = [all, some, fewer].map((rows) => idsOf(derive(rows)));
      expect(fromAll).toEqual(expect.arrayContaining(fromSome ?? []));
      expect(fromSome).toEqual(expect.arrayContaining(fromFewer ?? []));
    }),
    RUNS,
  );
});

// As long as Dataverse writes facts when they happen. What is written for an earlier time after a full read of that time
// (a hold's rows after the call, say) can come too late to keep a conference from having been derived.
test("what was derived from a full read stays true, whatever happens later", () => {
  fc.assert(
    fc.property(randomCallArbitrary, fc.integer({ min: 1_000, max: 1_200 }), (call, seconds) => {
      const early = idsOf(derive(readCallAt(call, seconds * 1_000)));
      const late = new Set(idsOf(derive(readWholeCall(call))));
      expect(early.filter((id) => !late.has(id))).toEqual([]);
    }),
    RUNS,
  );
});

test("with what is stored nothing is told twice, whenever it was read", () => {
  fc.assert(
    fc.property(randomCallArbitrary, fc.integer({ min: 1_000, max: 1_200 }), (call, seconds) => {
      const stored = derive(readCallAt(call, seconds * 1_000));
      const again = derive({ ...readWholeCall(call), stored });
      expect(idsOf(again)).toEqual(idsOf(derive(readWholeCall(call))));
    }),
    RUNS,
  );
});

test("in the lifecycle every call that is closed leaves no recording open, and keeps exactly the answered ones", () => {
  fc.assert(
    fc.property(randomCallArbitrary, (call) => {
      fc.pre(call.closedAt !== null);
      const events = derive(readWholeCall(call));
      for (const userId of new Set(events.map((event) => event.userId))) {
        const own = events.filter((event) => event.userId === userId);
        const agent = new AgentLedger();
        agent.arrive(...own.map((event) => ({ ...event, lateByMs: 0 })));
        const hasAnswered = call.participants.some((row) => row.userId === userId && row.joinedAt !== null);
        expect(agent.legs.filter((leg) => leg.endedAt === null)).toEqual([]);
        expect(agent.legs.some((leg) => leg.phase === "kept")).toBe(hasAnswered);
      }
    }),
    RUNS,
  );
});
