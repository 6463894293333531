import fc from "fast-check";
import { expect, test } from "vitest";
import { CALL_EVENT_TYPES } from "#shared/api/call-event.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import type { HistoryEvent, StoredLeg } from "./call-history.ts";
import { foldAgent } from "./fold.ts";
import { AgentLedger, SETTINGS } from "./testing/agent-ledger.ts";

const eventsArbitrary = fc
  .array(
    fc.record({
      type: fc.constantFrom(...CALL_EVENT_TYPES),
      session: fc.constantFrom("s1", "s2", null),
      seconds: fc.integer({ min: 0, max: 12 }),
      lateByMs: fc.constantFrom(0, 301_000),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((drafts) =>
    drafts.map(
      ({ type, session, seconds, lateByMs }, index): HistoryEvent => ({
        id: `${(index * 7) % 10}`,
        type,
        callSessionId: type === "agent-available" ? session : (session ?? "s1"),
        at: seconds * 1_000,
        lateByMs,
      }),
    ),
  );
const shuffled = eventsArbitrary.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
  ),
);

/** What must hold after every arrival, given what was stored before it. */
function expectFactsKept(before: readonly StoredLeg[], after: readonly StoredLeg[]): void {
  for (const old of before) {
    const now = after.find((leg) => leg.recordingId === old.recordingId);
    if (old.phase === "kept" || old.phase === "sealed") expect(now?.phase).toBe(old.phase);
    if (old.endedAt === null) continue;
    // A leg that turned out to be answered and not over is open again: like any open one it may learn of earlier events.
    const isUndecided = old.phase === "discarded" || old.phase === "provisional";
    const isRevived = isUndecided && now?.phase === "kept" && now.endedAt === null;
    if (isRevived) expect(now.startedAt).toBeLessThanOrEqual(old.startedAt);
    else expect([now?.startedAt, now?.endedAt]).toEqual([old.startedAt, old.endedAt]);
  }
  const open = after.filter((leg) => leg.endedAt === null).map((leg) => leg.callSessionId);
  expect(new Set(open).size).toBe(open.length);
  const keys = after.map((leg) => `${leg.callSessionId} ${leg.leg}`);
  expect(new Set(keys).size).toBe(keys.length);
}

test("the result does not depend on the order of arrival", () => {
  fc.assert(
    fc.property(shuffled, ([events, otherOrder]) => {
      const fold = (list: HistoryEvent[]) => foldAgent({ events: list, decisions: [], legs: [] }, SETTINGS);
      expect(fold(otherOrder)).toEqual(fold(events));
    }),
    { numRuns: runsOf(3_000) },
  );
});

test("whatever arrives in whatever order: kept is never discarded, closed legs do not move, one leg is open", () => {
  fc.assert(
    fc.property(shuffled, fc.boolean(), ([, arrivals], finishes) => {
      const agent = new AgentLedger();
      for (const event of arrivals) {
        const before = agent.legs;
        agent.arrive(event);
        expectFactsKept(before, agent.legs);
        if (finishes) {
          for (const leg of agent.legs) if (leg.endedAt !== null) agent.finish(leg.recordingId);
        }
      }
    }),
    { numRuns: runsOf(3_000) },
  );
});

test("a replay of everything changes nothing", () => {
  fc.assert(
    fc.property(shuffled, ([, arrivals]) => {
      const agent = new AgentLedger();
      for (const event of arrivals) agent.arrive(event);
      const [lines, steps] = [agent.lines(), agent.steps.length];
      for (const event of arrivals) agent.arrive(event);
      expect([agent.lines(), agent.steps.length]).toEqual([lines, steps]);
    }),
    { numRuns: runsOf(3_000) },
  );
});

test("every event is on a timeline or ignored with a reason", () => {
  fc.assert(
    fc.property(shuffled, ([, arrivals]) => {
      const agent = new AgentLedger();
      for (const event of arrivals) agent.arrive(event);
      const { legs, ignored } = agent.fold();
      const placed = new Set([...legs.flatMap((leg) => leg.eventIds), ...ignored.keys()]);
      expect([...placed].sort()).toEqual(arrivals.map((event) => event.id).sort());
    }),
    { numRuns: runsOf(3_000) },
  );
});
