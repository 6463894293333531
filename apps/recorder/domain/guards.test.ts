import { describe, expect, test } from "vitest";
import type { LifecycleSettings } from "./call-history.ts";
import { nextGuard } from "./guards.ts";
import { AgentLedger, at, SETTINGS } from "./testing/agent-ledger.ts";

const guardsOf = (agent: AgentLedger, changes: Partial<LifecycleSettings> = {}) =>
  agent.fold().legs.map((leg) => nextGuard(leg, { ...SETTINGS, ...changes }));

describe("guards", () => {
  test("an unanswered ring is guarded by maxRingS, an answered one by maxRecordingS from its start", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    expect(guardsOf(agent)).toEqual([{ kind: "max-ring", at: 190_000 }]);
    agent.arrive(at(15, "connected"));
    expect(guardsOf(agent, { maxSilenceMs: 30_000_000 })).toEqual([
      { kind: "max-recording", at: 28_810_000 },
    ]);
  });

  test("maxSilenceS counts from when the newest event came in, not from when it happened", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    expect(guardsOf(agent)).toEqual([{ kind: "max-silence", at: 14_410_000 }]);
    agent.arrive(at(100, "on-hold", { lateByS: 200 }));
    expect(guardsOf(agent)).toEqual([{ kind: "max-silence", at: 14_700_000 }]);
  });

  test("a source whose clock is ahead does not shorten the silence", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected", { lateByS: -5 }));
    expect(guardsOf(agent)).toEqual([{ kind: "max-silence", at: 14_410_000 }]);
  });

  test("wrap-up is guarded from its first event on, and no more once the call goes on", () => {
    const agent = new AgentLedger();
    agent.arrive(at(15, "connected"), at(100, "wrap-up"), at(200, "wrap-up"));
    expect(guardsOf(agent)).toEqual([{ kind: "max-wrap-up", at: 1_000_000 }]);
    agent.arrive(at(300, "consulting"));
    expect(guardsOf(agent)).toEqual([{ kind: "max-silence", at: 14_700_000 }]);
  });

  test("wrap-up is guarded on while the agent is offered the call once more and does not take it", () => {
    const agent = new AgentLedger();
    agent.arrive(at(15, "connected"), at(100, "wrap-up"), at(200, "ringing"), at(230, "not-responding"));
    expect(guardsOf(agent)).toEqual([{ kind: "max-wrap-up", at: 1_000_000 }]);
  });

  test("an ended leg has none", () => {
    const agent = new AgentLedger();
    agent.arrive(at(15, "connected"), at(100, "agent-available"));
    expect(guardsOf(agent)).toEqual([null]);
  });

  test("maxRingS discards: without look-ups an unanswered end is itself the evidence", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.decide(190, "r1", "max-ring");
    expect(agent.lines()).toEqual(["1 discarded 10-190 ringing@10 [max-ring]"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard"]);
  });

  test("a late answer takes back what maxRingS discarded, and the recording goes on", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.decide(190, "r1", "max-ring");
    agent.arrive(at(100, "connected"));
    expect(agent.legs[0]).toMatchObject({ phase: "kept", endedAt: null });
    expect(agent.steps).toEqual(["r1 start", "r1 discard", "r1 start"]);
  });

  test.each(["max-wrap-up", "max-silence", "max-recording"] as const)(
    "%s seals and never deletes",
    (kind) => {
      const agent = new AgentLedger();
      agent.arrive(at(10, "connected"), at(20, "wrap-up"));
      agent.decide(950, "r1", kind);
      expect(agent.lines()).toEqual([`1 kept 10-950 connected@10 wrap-up@20 [${kind}]`]);
      expect(agent.steps).toEqual(["r1 start", "r1 seal"]);
    },
  );

  test.each(["max-silence", "max-recording"] as const)("%s seals an unanswered ring too", (kind) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.decide(100, "r1", kind);
    expect(agent.lines()).toEqual([`1 kept 10-100 ringing@10 [${kind}]`]);
  });

  test("an event after a guard's end opens the next leg", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    agent.decide(950, "r1", "max-recording");
    agent.arrive(at(960, "on-hold"));
    expect(agent.lines()).toEqual(["1 kept 10-950 connected@10 [max-recording]", "2 kept 960- on-hold@960"]);
  });
});

describe("evidence look-ups, where somebody asks", () => {
  const asked = () => {
    const agent = new AgentLedger({ evidence: "asked" });
    agent.arrive(at(10, "ringing"));
    return agent;
  };

  test("an unanswered ring that becomes available stops at once and waits for the answer", () => {
    const agent = asked();
    agent.arrive(at(30, "agent-available"));
    expect(agent.lines()).toEqual(["1 provisional 10-30 ringing@10 agent-available@30"]);
    expect(agent.steps).toEqual(["r1 start", "r1 stop"]);
  });

  test.each([
    ["answered", "kept", "seal"],
    ["not-answered", "discarded", "discard"],
    ["unconfirmed", "kept", "seal"],
  ] as const)("%s makes it %s", (answer, phase, step) => {
    const agent = asked();
    agent.arrive(at(30, "agent-available"));
    agent.decide(35, "r1", answer);
    expect(agent.lines()).toEqual([`1 ${phase} 10-30 ringing@10 agent-available@30 [${answer}]`]);
    expect(agent.steps).toEqual(["r1 start", "r1 stop", `r1 ${step}`]);
  });

  test("not-responding is evidence: nobody is asked", () => {
    const agent = asked();
    agent.arrive(at(30, "not-responding"));
    expect(agent.steps).toEqual(["r1 start", "r1 discard"]);
  });

  test("after maxRingS without an answer it goes on, guarded by maxRecordingS, until agent-available", () => {
    const agent = asked();
    agent.decide(190, "r1", "ring-expired");
    expect(agent.lines()).toEqual(["1 provisional 10- ringing@10 [ring-expired]"]);
    expect(guardsOf(agent)).toEqual([{ kind: "max-silence", at: 14_410_000 }]);
    agent.arrive(at(300, "agent-available"));
    expect(agent.steps).toEqual(["r1 start", "r1 stop"]);
  });

  test("after maxRingS an answer keeps the open recording, or discards it", () => {
    const [kept, gone] = [asked(), asked()];
    for (const agent of [kept, gone]) agent.decide(190, "r1", "ring-expired");
    kept.decide(195, "r1", "answered");
    gone.decide(195, "r1", "not-answered");
    expect(kept.lines()).toEqual(["1 kept 10- ringing@10 [ring-expired,answered]"]);
    expect(gone.lines()).toEqual(["1 discarded 10-195 ringing@10 [ring-expired,not-answered]"]);
  });

  test.each(["max-silence", "max-recording"] as const)(
    "%s ends an expired ring, and its files wait",
    (kind) => {
      const agent = asked();
      agent.decide(190, "r1", "ring-expired");
      agent.decide(900, "r1", kind);
      expect(agent.lines()).toEqual([`1 provisional 10-900 ringing@10 [ring-expired,${kind}]`]);
      expect(agent.steps).toEqual(["r1 start", "r1 stop"]);
      agent.decide(1_800, "r1", "unconfirmed");
      expect(agent.steps.at(-1)).toBe("r1 seal");
    },
  );

  test("a ring that expired while Dynamics was there goes on when it is no longer configured", () => {
    const agent = asked();
    agent.decide(190, "r1", "ring-expired");
    const after = new AgentLedger();
    Object.assign(after, { events: agent.events, decisions: agent.decisions, legs: agent.legs });
    expect(guardsOf(after)).toEqual([{ kind: "max-silence", at: 14_410_000 }]);
    after.arrive(at(300, "connected"));
    expect(after.lines()).toEqual(["1 kept 10- ringing@10 connected@300 [ring-expired]"]);
  });

  test("a recording that Dynamics' answer has kept is not deleted by a late event, and goes on", () => {
    const agent = asked();
    agent.decide(190, "r1", "ring-expired");
    agent.decide(200, "r1", "answered");
    expect(agent.arrive(at(150, "not-responding"))).toEqual({
      "not-responding@150": "a kept recording is never deleted by an event",
    });
    expect(agent.legs).toMatchObject([{ phase: "kept", endedAt: null }]);
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test("a not-answered that comes too late changes nothing", () => {
    const [open, ended] = [asked(), asked()];
    open.arrive(at(15, "connected"));
    ended.arrive(at(15, "connected"), at(60, "agent-available"));
    for (const agent of [open, ended]) agent.decide(70, "r1", "not-answered");
    expect([open.legs[0]?.phase, ended.legs[0]?.phase]).toEqual(["kept", "kept"]);
    expect([open.steps, ended.steps]).toEqual([["r1 start"], ["r1 start", "r1 seal"]]);
  });

  test("a late answer event beats the wait", () => {
    const agent = asked();
    agent.arrive(at(30, "agent-available"));
    agent.arrive(at(20, "connected"));
    expect(agent.lines()).toEqual(["1 kept 10-30 ringing@10 connected@20 agent-available@30"]);
    expect(agent.steps).toEqual(["r1 start", "r1 stop", "r1 seal"]);
  });
});
