import { describe, expect, test } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import { AgentLedger, at } from "./testing/agent-ledger.ts";

const IN_CALL: CallEventType[] = [
  "conferencing",
  "consulting",
  "consult-done",
  "on-hold",
  "hold-done",
  "wrap-up",
];

describe("no open leg", () => {
  test("ringing opens a leg, starts capture, provisional", () => {
    const agent = new AgentLedger();
    expect(agent.arrive(at(10, "ringing"))).toEqual({});
    expect(agent.lines()).toEqual(["1 provisional 10- ringing@10"]);
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test("connected without a ring opens a leg, starts capture, kept", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    expect(agent.lines()).toEqual(["1 kept 10- connected@10"]);
    expect(agent.legs[0]).toMatchObject({ connectedAt: 10_000, keptAt: 10_000 });
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test.each(IN_CALL)("%s opens a leg, starts capture, kept", (type) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, type));
    expect(agent.lines()).toEqual([`1 kept 10- ${type}@10`]);
    expect(agent.legs[0]).toMatchObject({ connectedAt: null, keptAt: 10_000 });
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test("not-responding has no effect and is remembered: a ring that is not newer starts nothing", () => {
    const agent = new AgentLedger();
    expect(Object.keys(agent.arrive(at(10, "not-responding")))).toEqual(["not-responding@10"]);
    agent.arrive(at(9, "ringing"));
    expect(agent.lines()).toEqual(["1 discarded 9-10 ringing@9 not-responding@10"]);
    expect(agent.steps).toEqual(["r1 discard"]);
  });

  test.each(["a", "z"])("a ring of the same instant as a not-responding (id %s) starts nothing", (id) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "not-responding", { id: "m" }));
    agent.arrive(at(10, "ringing", { id }));
    expect(agent.legs.map((leg) => leg.phase)).toEqual(["discarded"]);
    expect(agent.steps).toEqual(["r1 discard"]);
  });

  test("a ring newer than a remembered not-responding starts", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "not-responding"));
    agent.arrive(at(11, "ringing"));
    expect(agent.lines()).toEqual(["1 provisional 11- ringing@11"]);
  });

  test("agent-available with its session: a ring that is not newer starts nothing, a newer one does", () => {
    const agent = new AgentLedger();
    expect(Object.keys(agent.arrive(at(10, "agent-available")))).toEqual(["agent-available@10"]);
    agent.arrive(at(9, "ringing"));
    expect(agent.steps).toEqual(["r1 discard"]);
    agent.arrive(at(11, "ringing"));
    expect(agent.steps).toEqual(["r1 discard", "r2 start"]);
    expect(agent.lines()).toEqual([
      "1 discarded 9-10 ringing@9 agent-available@10",
      "2 provisional 11- ringing@11",
    ]);
  });

  test("agent-available without a session has no effect, also not on a ring of its own instant", () => {
    const agent = new AgentLedger();
    const free = at(10, "agent-available", { id: "a", session: null });
    expect(Object.keys(agent.arrive(free))).toEqual(["a"]);
    agent.arrive(at(10, "ringing", { id: "b" }));
    expect(agent.lines()).toEqual(["1 provisional 10- a b"]);
    expect(agent.steps).toEqual(["r1 start"]);
  });
});

describe("provisional", () => {
  test("a second ring changes nothing", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(12, "ringing"));
    expect(agent.lines()).toEqual(["1 provisional 10- ringing@10 ringing@12"]);
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test("not-responding stops at once and discards", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(25, "not-responding"));
    expect(agent.lines()).toEqual(["1 discarded 10-25 ringing@10 not-responding@25"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard"]);
  });

  test.each<CallEventType>(["connected", ...IN_CALL])("%s keeps", (type) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(15, type));
    expect(agent.lines()).toEqual([`1 kept 10- ringing@10 ${type}@15`]);
    expect(agent.legs[0]).toMatchObject({
      keptAt: 15_000,
      connectedAt: type === "connected" ? 15_000 : null,
    });
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test.each([
    ["with", "s1"],
    ["without", null],
  ])("agent-available %s session: an unanswered end discards", (_, session) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(30, "agent-available", { session }));
    expect(agent.lines()).toEqual(["1 discarded 10-30 ringing@10 agent-available@30"]);
    expect(agent.steps).toEqual(["r1 start", "r1 discard"]);
  });
});

describe("kept", () => {
  const kept = () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"), at(15, "connected"));
    return agent;
  };

  test.each<CallEventType>(["ringing", "connected", ...IN_CALL])(
    "%s joins the timeline, capture goes on",
    (type) => {
      const agent = kept();
      expect(agent.arrive(at(20, type))).toEqual({});
      expect(agent.lines()).toEqual([`1 kept 10- ringing@10 connected@15 ${type}@20`]);
      expect(agent.legs[0]?.connectedAt).toBe(15_000);
      expect(agent.steps).toEqual(["r1 start"]);
    },
  );

  test("not-responding is ignored: a kept recording is never deleted by an event", () => {
    const agent = kept();
    expect(agent.arrive(at(20, "not-responding"))).toEqual({
      "not-responding@20": "a kept recording is never deleted by an event",
    });
    expect(agent.legs[0]).toMatchObject({ phase: "kept", endedAt: null });
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test.each([
    ["with", "s1"],
    ["without", null],
  ])("agent-available %s session seals", (_, session) => {
    const agent = kept();
    agent.arrive(at(60, "agent-available", { session }));
    expect(agent.lines()).toEqual(["1 kept 10-60 ringing@10 connected@15 agent-available@60"]);
    expect(agent.steps).toEqual(["r1 start", "r1 seal"]);
  });

  test("a late not-responding from before the answer does not delete it", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(15, "connected"));
    agent.arrive(at(12, "not-responding"));
    expect(agent.legs.find((leg) => leg.recordingId === "r1")).toMatchObject({
      phase: "kept",
      endedAt: null,
    });
  });
});

describe("agent-available and the last event", () => {
  test.each(["a", "z"])("a call that begins and ends within one instant is over (id %s)", (id) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected", { id: "n" }), at(10, "wrap-up", { id: "o" }));
    agent.arrive(at(10, "agent-available", { id }));
    expect(agent.lines()[0]).toMatch(/^1 kept 10-10 /);
  });

  test.each(["a", "z"])("a not-responding of its instant (id %s) does not hold a kept leg open", (id) => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"), at(20, "wrap-up"), at(25, "ringing"));
    agent.arrive(at(30, "not-responding", { id }), at(30, "agent-available", { id: "m" }));
    expect(agent.legs[0]).toMatchObject({ phase: "kept", endedAt: 30_000 });
  });

  test.each<CallEventType>(["ringing", "connected", "on-hold", "hold-done"])(
    "it does not end a leg whose last event is an equal %s, whatever the ids",
    (type) => {
      for (const id of ["a", "z"]) {
        const agent = new AgentLedger();
        agent.arrive(at(5, "ringing"));
        agent.arrive(at(10, type, { id }), at(10, "agent-available", { id: "m" }));
        expect(agent.legs.map((leg) => leg.endedAt)).toEqual([null]);
      }
    },
  );

  test.each(["a", "z"])("it ends a leg whose last event is an equal wrap-up (id %s)", (id) => {
    const agent = new AgentLedger();
    agent.arrive(at(5, "connected"));
    agent.arrive(at(10, "wrap-up", { id }), at(10, "agent-available", { id: "m" }));
    expect(agent.legs.map((leg) => [leg.phase, leg.endedAt, leg.eventIds.length])).toEqual([
      ["kept", 10_000, 3],
    ]);
  });

  test("an older one that arrives late ends nothing", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(9, "agent-available", { session: null }));
    expect(agent.lines()).toEqual(["1 provisional 10- ringing@10"]);
  });

  test("without session it ends every open leg of the agent", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"), at(20, "wrap-up"));
    agent.arrive(at(25, "ringing", { session: "s2", id: "other" }));
    agent.arrive(at(30, "agent-available", { session: null, id: "free" }));
    expect(agent.lines()).toEqual([
      "1 kept 10-30 connected@10 wrap-up@20 free",
      "s2 1 discarded 25-30 other free",
    ]);
  });

  test("with a session it ends that session's leg only", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"), at(25, "connected", { session: "s2", id: "other" }));
    agent.arrive(at(30, "agent-available"));
    expect(agent.lines()).toEqual(["1 kept 10-30 connected@10 agent-available@30", "s2 1 kept 25- other"]);
  });
});

describe("late starts", () => {
  test("events under way for too long start no capture; the recording is sealed when the leg ends", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected", { lateByS: 301 }));
    expect(agent.lines()).toEqual(["1 kept 10- connected@10 [start-refused]"]);
    agent.arrive(at(60, "agent-available", { lateByS: 301 }));
    expect(agent.steps).toEqual(["r1 refuse-start", "r1 seal"]);
  });

  test("a fresh event after late ones starts the capture", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing", { lateByS: 301 }));
    agent.arrive(at(15, "connected", { lateByS: 300 }));
    expect(agent.steps).toEqual(["r1 refuse-start", "r1 start"]);
  });

  test("a late event does not stop a running capture", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"));
    agent.arrive(at(15, "connected", { lateByS: 400 }));
    expect(agent.steps).toEqual(["r1 start"]);
  });

  test("a call that is known only after its end is a recording without capture, handed off like any other", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "ringing"), at(15, "connected"), at(60, "agent-available"));
    expect(agent.lines()).toEqual([
      "1 kept 10-60 ringing@10 connected@15 agent-available@60 [start-refused]",
    ]);
    expect(agent.steps).toEqual(["r1 refuse-start", "r1 seal"]);
  });
});

test("overlapping calls of one agent are two recordings; the second may ring in the first one's wrap-up", () => {
  const agent = new AgentLedger();
  agent.arrive(at(10, "connected"), at(20, "wrap-up"));
  agent.arrive(at(22, "ringing", { session: "s2", id: "ring2" }));
  agent.arrive(at(24, "connected", { session: "s2", id: "answer2" }));
  agent.arrive(at(26, "agent-available"));
  expect(agent.lines()).toEqual([
    "1 kept 10-26 connected@10 wrap-up@20 agent-available@26",
    "s2 1 kept 22- ring2 answer2",
  ]);
  expect(agent.steps).toEqual(["r1 start", "r2 start", "r1 seal"]);
});

test("a ring that arrives after the answer becomes the start of the same recording", () => {
  const agent = new AgentLedger();
  agent.arrive(at(15, "connected"));
  agent.arrive(at(10, "ringing"));
  expect(agent.lines()).toEqual(["1 kept 10- ringing@10 connected@15"]);
  expect(agent.steps).toEqual(["r1 start"]);
});
