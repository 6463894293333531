import fc from "fast-check";
import { expect, test } from "vitest";
import { CALL_EVENT_TYPES } from "#shared/api/call-event.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import type { StoredLeg } from "./call-history.ts";
import { AgentLedger, at } from "./testing/agent-ledger.ts";

/** What may happen to the calls of an agent at a recorder, and how many seconds after the last one. */
const happeningArbitrary = fc.record({
  afterS: fc.constantFrom(0, 1, 5, 100, 200, 901, 15_000),
  what: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("event" as const),
        type: fc.constantFrom(...CALL_EVENT_TYPES),
        session: fc.constantFrom("s1", "s1", "s2", null),
        lateByS: fc.constantFrom(0, 0, 0, 3, 150, 400),
      }),
    },
    fc.record({
      do: fc.constant("look-up" as const),
      evidence: fc.constantFrom(
        "joined" as const,
        "answered" as const,
        "not-answered" as const,
        "unknown" as const,
      ),
    }),
    fc.record({ do: fc.constant("finish" as const) }),
    fc.record({
      do: fc.constant("restart" as const),
      evidence: fc.constantFrom("asked" as const, "not-asked" as const),
      maxRingMs: fc.constantFrom(60_000, 180_000),
      samplePercent: fc.constantFrom(0, 100, 100),
      minSessionMs: fc.constantFrom(0, 10_000),
    }),
  ),
});
const storyArbitrary = fc.array(happeningArbitrary, { minLength: 1, maxLength: 14 });
type Story = readonly (typeof happeningArbitrary extends fc.Arbitrary<infer Happening> ? Happening : never)[];

/** Plays a story. Returns when it ended, in seconds. */
function play(agent: AgentLedger, story: Story, afterEach: (before: readonly StoredLeg[]) => void): number {
  let now = 1_000;
  for (const [index, { afterS, what }] of story.entries()) {
    const before = agent.legs;
    now += afterS;
    agent.passTo(now);
    switch (what.do) {
      case "event": {
        const session = what.type === "agent-available" ? what.session : (what.session ?? "s1");
        const { lateByS } = what;
        agent.arrive(at(now - lateByS, what.type, { id: `e${index}`, session, lateByS }));
        break;
      }
      case "look-up":
        agent.lookUp(now, what.evidence);
        break;
      case "finish":
        for (const leg of agent.legs)
          if (leg.endedAt !== null && leg.phase !== "provisional") agent.finish(leg.recordingId);
        break;
      case "restart": {
        const { evidence, maxRingMs, samplePercent, minSessionMs } = what;
        agent.restart(now, { evidence, maxRingMs, policy: { samplePercent, minSessionMs } });
        break;
      }
    }
    afterEach(before);
  }
  return now;
}

test("whatever happens, with guards, look-ups and restarts: what was kept stays, and no guard fires twice for a leg", () => {
  fc.assert(
    fc.property(storyArbitrary, (story) => {
      const agent = new AgentLedger({ evidence: "asked" });
      play(agent, story, (before) => {
        for (const old of before) {
          const now = agent.legs.find((leg) => leg.recordingId === old.recordingId);
          if (old.phase === "kept") expect(["kept", "sealed"]).toContain(now?.phase);
          if (old.phase === "sealed" || (old.phase === "discarded" && old.erased)) {
            expect([now?.phase, now?.startedAt, now?.endedAt]).toEqual([
              old.phase,
              old.startedAt,
              old.endedAt,
            ]);
          }
          if (old.phase === "sealed" && old.policy === null) expect(now?.policy).toBe(null);
        }
        const open = agent.legs.filter((leg) => leg.endedAt === null).map((leg) => leg.callSessionId);
        expect(new Set(open).size).toBe(open.length);
      });
      expect(new Set(agent.fired).size).toBe(agent.fired.length);
    }),
    { numRuns: runsOf(2_000) },
  );
});

test("where Dynamics is asked, nothing is discarded without evidence", () => {
  const asked = storyArbitrary.map((story) => story.filter(({ what }) => what.do !== "restart"));
  fc.assert(
    fc.property(asked, (story) => {
      const agent = new AgentLedger({ evidence: "asked" });
      play(agent, story, () => {
        for (const { phase, notes, eventIds } of agent.legs) {
          if (phase !== "discarded") continue;
          const types = agent.events.filter(({ id }) => eventIds.includes(id)).map(({ type }) => type);
          expect(types.includes("not-responding") || notes.includes("not-answered")).toBe(true);
        }
      });
    }),
    { numRuns: runsOf(2_000) },
  );
});

test("nothing hangs: when nothing more comes and Dynamics is silent, every recording is sealed or discarded in the end", () => {
  fc.assert(
    fc.property(storyArbitrary, (story) => {
      const agent = new AgentLedger({ evidence: "asked" });
      const endedAt = play(agent, story, () => {});
      agent.passTo(endedAt + 40_000);
      agent.lookUp(endedAt + 50_000, "unknown");
      const waiting = agent.legs.filter((leg) => leg.endedAt === null || leg.phase === "provisional");
      expect(waiting).toEqual([]);
      expect(agent.lookUp(endedAt + 60_000, "unknown")).toBe(0);
    }),
    { numRuns: runsOf(2_000) },
  );
});

test("every capture that began is ended: by a seal, a discard or a stop, or it goes on in an open leg", () => {
  fc.assert(
    fc.property(storyArbitrary, (story) => {
      const agent = new AgentLedger({ evidence: "asked" });
      play(agent, story, () => {
        for (const { recordingId, endedAt, policy } of agent.legs) {
          const steps = agent.steps.filter((step) => step.startsWith(`${recordingId} `));
          const last = steps.findLast((step) => /start$|seal$|discard$|stop$/.test(step))?.split(" ")[1];
          if (endedAt !== null) expect(last).not.toBe("start");
          if (policy === "not-sampled") expect(steps).not.toContain(`${recordingId} start`);
        }
      });
    }),
    { numRuns: runsOf(2_000) },
  );
});
