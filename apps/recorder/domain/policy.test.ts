import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSampled, isTooShort } from "./policy.ts";
import { AgentLedger, at } from "./testing/agent-ledger.ts";

const sessions = fc.uuid();

describe("sampling", () => {
  test("0 % is nobody, 100 % is everybody", () => {
    fc.assert(
      fc.property(sessions, (session) => {
        expect([isSampled(session, 0), isSampled(session, 100)]).toEqual([false, true]);
      }),
    );
  });

  test("who is sampled at a share is sampled at every higher one", () => {
    const shares = fc.tuple(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(sessions, shares, (session, [one, other]) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(isSampled(session, less) && !isSampled(session, more)).toBe(false);
      }),
    );
  });

  test.each([1, 10, 50, 90])(
    "%i %% of sessions are that share, also where ids differ in a digit only",
    (share) => {
      const count = 20_000;
      const ids = Array.from(
        { length: count },
        (_, n) => `a1c20b02-4e38-4f11-a315-${String(n).padStart(12, "0")}`,
      );
      const sampled = ids.filter((id) => isSampled(id, share)).length;
      // Four standard deviations of a fair draw.
      const allowed = 4 * Math.sqrt(count * (share / 100) * (1 - share / 100));
      expect(Math.abs(sampled - (count * share) / 100)).toBeLessThan(allowed);
    },
  );

  // Worked out apart from this code, by the algorithm that the docstring names.
  test.each([
    ["s1", 47.74],
    ["a1c20b02-4e38-4f11-a315-000d3a5a54dc", 6.93],
    ["a1c20b02-4e38-4f11-a315-000d3a5a54dd", 80.76],
  ])("the draw is the same in every release, as it decides what is captured: %s", (session, share) => {
    expect([isSampled(session, share), isSampled(session, share + 0.01)]).toEqual([false, true]);
  });
});

describe("a call session that is not sampled", () => {
  const unsampled = () => new AgentLedger({ policy: { minSessionMs: 0, samplePercent: 0 } });

  test("is a recording without capture, that is sealed and handed off like any other", () => {
    const agent = unsampled();
    agent.arrive(at(10, "ringing"), at(15, "connected"));
    agent.arrive(at(60, "agent-available"));
    expect(agent.lines()).toEqual(["1 kept 10-60 ringing@10 connected@15 agent-available@60"]);
    expect(agent.steps).toEqual(["r1 seal"]);
    expect(agent.legs[0]?.policy).toBe("not-sampled");
  });

  test("is discarded when it was not answered", () => {
    const agent = unsampled();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(25, "not-responding"));
    expect(agent.steps).toEqual(["r1 discard"]);
  });

  test("stays as it was drawn while the settings change", () => {
    const agent = unsampled();
    agent.arrive(at(10, "connected"));
    const after = new AgentLedger();
    Object.assign(after, { events: agent.events, legs: agent.legs });
    after.arrive(at(20, "on-hold"));
    expect(after.steps).toEqual([]);
    const captured = new AgentLedger();
    captured.arrive(at(10, "connected"));
    Object.assign(agent, { events: captured.events, legs: captured.legs });
    agent.arrive(at(20, "on-hold"), at(30, "agent-available"));
    expect(agent.legs[0]?.policy).toBe(null);
  });
});

describe("a minimum length", () => {
  const policy = { minSessionMs: 10_000, samplePercent: 100 };
  const short = () => {
    const agent = new AgentLedger({ policy });
    agent.arrive(at(10, "ringing"), at(15, "connected"));
    agent.arrive(at(24, "agent-available"));
    return agent;
  };

  test.each([
    ["shorter", 15_000, 24_999, true],
    ["just as long", 15_000, 25_000, false],
    ["open", 15_000, null, false],
    ["without connected: its length is not known", null, 16_000, false],
  ])("counts from connected to the end: %s", (_, connectedAt, endedAt, expected) => {
    expect(isTooShort({ phase: "kept", connectedAt, endedAt }, 10_000)).toBe(expected);
  });

  test("does not judge what is not kept", () => {
    expect(isTooShort({ phase: "discarded", connectedAt: 0, endedAt: 1 }, 10_000)).toBe(false);
  });

  test("makes a shorter call too-short when it ends; it is sealed all the same", () => {
    const agent = short();
    expect(agent.steps).toEqual(["r1 start", "r1 seal"]);
    expect(agent.legs[0]?.policy).toBe("too-short");
  });

  test("a late event that shows that it was long enough brings it back as a revision", () => {
    const agent = short();
    agent.finish("r1");
    agent.arrive(at(12, "connected"));
    expect(agent.legs[0]).toMatchObject({
      phase: "sealed",
      policy: null,
      connectedAt: 12_000,
      endedAt: 24_000,
    });
    expect(agent.steps.at(-1)).toBe("r1 revise");
  });

  test("once its files are erased it stays too short", () => {
    const agent = short();
    agent.finish("r1");
    agent.legs = agent.legs.map((leg) => ({ ...leg, erased: true }));
    agent.arrive(at(12, "connected"));
    expect(agent.legs[0]).toMatchObject({ policy: "too-short", connectedAt: 12_000 });
  });

  test("never takes back what was sealed with its pictures", () => {
    const agent = new AgentLedger({ policy });
    agent.arrive(at(10, "on-hold"));
    agent.arrive(at(60, "agent-available"));
    agent.finish("r1");
    agent.arrive(at(55, "connected"));
    expect(agent.legs[0]).toMatchObject({ phase: "sealed", policy: null, connectedAt: 55_000 });
  });
});
