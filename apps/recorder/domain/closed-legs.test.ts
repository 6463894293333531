import { describe, expect, test } from "vitest";
import { at, AgentLedger } from "./testing/agent-ledger.ts";

describe("a closed leg", () => {
  const sealed = () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    agent.arrive(at(60, "agent-available"));
    agent.finish("r1");
    return agent;
  };

  test("takes an event inside it onto its timeline as a revision, and does not move", () => {
    const agent = sealed();
    expect(agent.arrive(at(30, "on-hold"))).toEqual({});
    expect(agent.lines()).toEqual(["1 sealed 10-60 connected@10 on-hold@30 agent-available@60"]);
    expect(agent.steps).toEqual(["r1 start", "r1 seal", "r1 revise"]);
  });

  test("takes a late agent-available of before its end without ending earlier", () => {
    const agent = sealed();
    agent.arrive(at(40, "agent-available"));
    expect(agent.legs[0]).toMatchObject({ startedAt: 10_000, endedAt: 60_000 });
    expect(agent.steps.at(-1)).toBe("r1 revise");
  });

  test("does not revise for a repeated event", () => {
    const agent = sealed();
    agent.arrive(at(10, "connected"));
    expect(agent.steps).toEqual(["r1 start", "r1 seal"]);
  });

  test("has no place for an event of its call that is older than it", () => {
    const agent = sealed();
    expect(Object.keys(agent.arrive(at(5, "ringing")))).toEqual(["ringing@5"]);
    expect(agent.legs.length).toBe(1);
  });

  test("is followed by the next leg when a newer event opens one", () => {
    const agent = sealed();
    agent.arrive(at(70, "ringing"));
    expect(agent.lines()).toEqual([
      "1 sealed 10-60 connected@10 agent-available@60",
      "2 provisional 70- ringing@70",
    ]);
  });

  test("takes a ring of its last instant, which starts nothing", () => {
    const agent = sealed();
    agent.arrive(at(60, "ringing", { id: "z" }));
    expect(agent.lines()).toEqual(["1 sealed 10-60 connected@10 agent-available@60 z"]);
  });

  test("takes an agent-available without session that falls inside it", () => {
    const agent = sealed();
    expect(agent.arrive(at(40, "agent-available", { session: null, id: "free" }))).toEqual({});
    expect(agent.lines()).toEqual(["1 sealed 10-60 connected@10 free agent-available@60"]);
  });

  test("does not change when its seal is still under way and its events are folded again", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    agent.arrive(at(60, "agent-available"));
    agent.arrive(at(30, "on-hold"));
    expect(agent.steps).toEqual(["r1 start", "r1 seal"]);
  });
});

describe("a discarded leg", () => {
  const discarded = () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(25, "not-responding"));
    return agent;
  };

  test("becomes kept by a late answer inside it and goes on, as nothing has ended the call", () => {
    const agent = discarded();
    agent.arrive(at(20, "connected"));
    expect(agent.lines()).toEqual(["1 kept 10- ringing@10 connected@20 not-responding@25"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard", "r1 start"]);
    agent.arrive(at(90, "agent-available"));
    expect(agent.legs[0]).toMatchObject({ phase: "kept", endedAt: 90_000 });
  });

  test("becomes kept and is sealed at once when the fold has it ended", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(25, "agent-available"));
    agent.arrive(at(20, "connected"));
    expect(agent.lines()).toEqual(["1 kept 10-25 ringing@10 connected@20 agent-available@25"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard", "r1 seal"]);
  });

  test("becomes kept and is sealed at its own end when a later availability ends the call", () => {
    const agent = discarded();
    agent.arrive(at(40, "agent-available"));
    agent.arrive(at(20, "connected"));
    expect(agent.legs[0]).toMatchObject({ phase: "kept", startedAt: 10_000, endedAt: 25_000 });
    expect(agent.steps.at(-1)).toBe("r1 seal");
  });

  test("becomes kept and is sealed when the next leg is open already: at most one is open", () => {
    const agent = discarded();
    agent.arrive(at(30, "ringing"));
    agent.arrive(at(20, "connected"));
    expect(agent.lines()).toEqual([
      "1 kept 10-25 ringing@10 connected@20 not-responding@25",
      "2 provisional 30- ringing@30",
    ]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard", "r2 start", "r1 seal"]);
  });

  test("stays discarded once its files are erased; the event joins its timeline all the same", () => {
    const agent = discarded();
    agent.finish("r1");
    agent.arrive(at(20, "connected"));
    expect(agent.lines()).toEqual(["1 discarded 10-25 ringing@10 connected@20 not-responding@25"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard"]);
  });

  test("is not touched by a newer answer, which opens the next leg", () => {
    const agent = discarded();
    agent.arrive(at(26, "connected"));
    expect(agent.legs.map((leg) => [leg.leg, leg.phase])).toEqual([
      [1, "discarded"],
      [2, "kept"],
    ]);
  });
});

test("a late event that splits an open call keeps the running capture on the kept part", () => {
  const agent = new AgentLedger();
  agent.arrive(at(100, "ringing"));
  agent.arrive(at(110, "connected"));
  agent.arrive(at(105, "agent-available"));
  expect(agent.lines()).toEqual([
    "1 discarded 100-105 ringing@100 agent-available@105",
    "2 kept 110- connected@110",
  ]);
  expect(agent.legs.find((leg) => leg.recordingId === "r1")?.leg).toBe(2);
});

test("a discarded leg that its own events would split stays closed as it was when it turns out to be kept", () => {
  const agent = new AgentLedger();
  agent.arrive(at(7, "ringing", { id: "1" }));
  agent.arrive(at(12, "agent-available", { id: "2" }));
  agent.arrive(at(7, "not-responding", { id: "8" }));
  agent.arrive(at(12, "wrap-up", { id: "4" }));
  expect(agent.lines()).toEqual(["1 kept 7-12 1 8 2 4"]);
});
