import { describe, expect, test } from "vitest";
import type { LifecycleSettings } from "./call-history.ts";
import { conclude, type Evidence, type OpenQuestion, openQuestion } from "./open-question.ts";
import { AgentLedger, at, SETTINGS } from "./testing/agent-ledger.ts";

const ASKED: LifecycleSettings = { ...SETTINGS, evidence: "asked" };

function question(agent: AgentLedger, settings = ASKED): OpenQuestion | null {
  const [leg] = agent.fold().legs;
  if (leg === undefined) throw new Error("no leg");
  return openQuestion(leg, agent.legs[0]?.captureOrdered ?? false, settings);
}

function ring(options: { lateByS?: number } = {}): AgentLedger {
  const agent = new AgentLedger({ evidence: "asked" });
  agent.arrive(at(10, "ringing", options));
  return agent;
}

describe("what there is to ask", () => {
  test("nothing about a ring that goes on", () => {
    expect(question(ring())).toBe(null);
  });

  test("whether a ring was answered that ended unanswered, for as long as its files are held", () => {
    const agent = ring();
    agent.arrive(at(30, "agent-available"));
    expect(question(agent)).toEqual({ about: "was-answered", since: 30_000, until: 930_000 });
  });

  test("whether an expired ring was answered, until it ends", () => {
    const agent = ring();
    agent.decide(190, "r1", "ring-expired");
    expect(question(agent)).toEqual({ about: "was-answered", since: 190_000, until: null });
  });

  test("whether the agent is in a call whose events came too late; an expired ring until it ends", () => {
    const agent = ring({ lateByS: 301 });
    expect(question(agent)).toEqual({ about: "is-joined", since: 311_000, until: 1_211_000 });
    agent.decide(190, "r1", "ring-expired");
    expect(question(agent)).toEqual({ about: "is-joined", since: 311_000, until: null });
  });

  test("nothing about a call that is captured, or kept and ended, or discarded by not-responding", () => {
    const [captured, ended, discarded] = [ring(), ring(), ring()];
    captured.arrive(at(15, "connected"), at(20, "on-hold", { lateByS: 400 }));
    ended.arrive(at(15, "connected"), at(60, "agent-available"));
    discarded.arrive(at(25, "not-responding"));
    expect([captured, ended, discarded].map((agent) => question(agent))).toEqual([null, null, null]);
  });

  test("nothing about a call that is not sampled, unless it ended unanswered", () => {
    const agent = new AgentLedger({ evidence: "asked", policy: { minSessionMs: 0, samplePercent: 0 } });
    agent.arrive(at(10, "ringing"));
    expect(question(agent)).toBe(null);
    agent.arrive(at(30, "agent-available"));
    expect(question(agent)).toMatchObject({ about: "was-answered" });
  });

  test("nothing where nobody can be asked", () => {
    const agent = ring();
    agent.arrive(at(30, "agent-available"));
    expect(question(agent, SETTINGS)).toBe(null);
  });
});

describe("what an answer means", () => {
  const after = (agent: AgentLedger, evidence: Evidence, seconds: number) => {
    const [leg] = agent.fold().legs;
    const asked = question(agent);
    if (leg === undefined || asked === null) throw new Error("nothing is asked");
    return conclude(leg, asked, evidence, seconds * 1_000);
  };
  const ended = () => {
    const agent = ring();
    agent.arrive(at(30, "agent-available"));
    return agent;
  };

  test.each([
    ["joined", "answered"],
    ["answered", "answered"],
    ["not-answered", "not-answered"],
  ] as const)("a ring that has ended: %s is the decision %s", (evidence, decision) => {
    expect(after(ended(), evidence, 31)).toEqual({ decision, askAt: null });
  });

  test("no answer: asked again after pauses that double from 1 s to 30 s, at last when the hold is over", () => {
    const asks: number[] = [];
    for (let now = 30; asks.length < 100; ) {
      const { decision, askAt } = after(ended(), "unknown", now);
      if (askAt === null) {
        expect(decision).toBe("unconfirmed");
        break;
      }
      expect(decision).toBe(null);
      now = askAt / 1_000;
      asks.push(now - 30);
    }
    expect(asks.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 62, 92]);
    expect(asks.at(-1)).toBe(900);
  });

  test("is asked for at least once, however long ago it ended", () => {
    expect(after(ended(), "answered", 90_000)).toEqual({ decision: "answered", askAt: null });
    expect(after(ended(), "unknown", 90_000)).toEqual({ decision: "unconfirmed", askAt: null });
  });

  test("a clock that was set back asks again in a second", () => {
    expect(after(ended(), "unknown", -100)).toEqual({ decision: null, askAt: -99_000 });
  });

  test("an expired ring is never unconfirmed while it goes on", () => {
    const agent = ring();
    agent.decide(190, "r1", "ring-expired");
    expect(after(agent, "unknown", 9_000)).toEqual({ decision: null, askAt: 9_030_000 });
  });

  test("a call whose events came too late begins when the agent is in it, and is left alone otherwise", () => {
    const agent = new AgentLedger({ evidence: "asked" });
    agent.arrive(at(10, "connected", { lateByS: 400 }));
    expect(after(agent, "joined", 411)).toEqual({ decision: "still-joined", askAt: null });
    for (const evidence of ["answered", "not-answered"] as const)
      expect(after(agent, evidence, 411)).toEqual({ decision: null, askAt: null });
    expect(after(agent, "unknown", 411)).toEqual({ decision: null, askAt: 412_000 });
    expect(after(agent, "unknown", 1_310)).toEqual({ decision: null, askAt: null });
  });

  test("a ring that came too late is answered, or discarded, as its row says", () => {
    const agent = ring({ lateByS: 400 });
    expect(after(agent, "answered", 411).decision).toBe("answered");
    expect(after(agent, "not-answered", 411).decision).toBe("not-answered");
  });
});

describe("still-joined", () => {
  test("starts the capture of a call whose events came too late, once", () => {
    const agent = new AgentLedger({ evidence: "asked" });
    agent.arrive(at(10, "connected", { lateByS: 400 }));
    agent.decide(411, "r1", "still-joined");
    expect(agent.lines()).toEqual(["1 kept 10- connected@10 [start-refused,still-joined]"]);
    agent.arrive(at(500, "on-hold", { lateByS: 400 }));
    expect(agent.steps).toEqual(["r1 refuse-start", "r1 start"]);
    expect(question(agent)).toBe(null);
  });

  test("keeps a ring: the agent is in the call", () => {
    const agent = ring({ lateByS: 400 });
    agent.decide(411, "r1", "still-joined");
    expect(agent.lines()).toEqual(["1 kept 10- ringing@10 [start-refused,still-joined]"]);
  });

  test("changes nothing about a leg that has ended meanwhile", () => {
    const agent = new AgentLedger({ evidence: "asked" });
    agent.arrive(at(10, "connected", { lateByS: 400 }));
    agent.arrive(at(60, "agent-available", { lateByS: 400 }));
    agent.decide(411, "r1", "still-joined");
    expect(agent.steps).toEqual(["r1 refuse-start", "r1 seal"]);
  });
});
