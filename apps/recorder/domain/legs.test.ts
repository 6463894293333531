import { describe, expect, test } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import { AgentLedger, at } from "./testing/agent-ledger.ts";

/** Ann's first leg: connected at 10, transferred away, available and sealed at 60. */
function transferredAway(): AgentLedger {
  const agent = new AgentLedger();
  agent.arrive(at(10, "connected"), at(50, "wrap-up"));
  agent.arrive(at(60, "agent-available"));
  agent.finish("r1");
  return agent;
}
const FIRST = "1 sealed 10-60 connected@10 wrap-up@50 agent-available@60";

describe("a transfer back", () => {
  test("that is answered is the next leg, with a recording of its own", () => {
    const agent = transferredAway();
    agent.arrive(at(100, "ringing"));
    agent.arrive(at(105, "connected"));
    agent.arrive(at(200, "agent-available"));
    agent.finish("r2");
    expect(agent.lines()).toEqual([FIRST, "2 sealed 100-200 ringing@100 connected@105 agent-available@200"]);
    expect(agent.steps).toEqual(["r1 start", "r1 seal", "r2 start", "r2 seal"]);
  });

  test("that is not answered discards the next leg and nothing else", () => {
    const agent = transferredAway();
    agent.arrive(at(100, "ringing"));
    agent.arrive(at(120, "not-responding"));
    expect(agent.lines()).toEqual([FIRST, "2 discarded 100-120 ringing@100 not-responding@120"]);
  });

  test("of which only the answer is known opens the leg with it", () => {
    const agent = transferredAway();
    agent.arrive(at(105, "connected"));
    expect(agent.lines()).toEqual([FIRST, "2 kept 105- connected@105"]);
    agent.arrive(at(100, "ringing"));
    expect(agent.lines()).toEqual([FIRST, "2 kept 100- ringing@100 connected@105"]);
  });

  test.each<CallEventType>([
    "connected",
    "conferencing",
    "consulting",
    "consult-done",
    "on-hold",
    "hold-done",
    "wrap-up",
  ])("after a closed leg a newer %s opens the next one, as with no leg before", (type) => {
    const agent = transferredAway();
    agent.arrive(at(100, type));
    expect(agent.lines()).toEqual([FIRST, `2 kept 100- ${type}@100`]);
    expect(agent.steps.at(-1)).toBe("r2 start");
  });

  test.each<CallEventType>(["not-responding", "agent-available"])(
    "after a closed leg a newer %s opens none, and mutes a ring that is not newer",
    (type) => {
      const agent = transferredAway();
      expect(Object.keys(agent.arrive(at(100, type)))).toEqual([`${type}@100`]);
      agent.arrive(at(99, "ringing"));
      expect(agent.lines()).toEqual([FIRST, `2 discarded 99-100 ringing@99 ${type}@100`]);
      agent.arrive(at(101, "ringing"));
      expect(agent.lines()[2]).toBe("3 provisional 101- ringing@101");
      expect(agent.steps).toEqual(["r1 start", "r1 seal", "r2 discard", "r3 start"]);
    },
  );
});

describe("revisions", () => {
  test("each leg has its own: an event inside the first one leaves the second alone", () => {
    const agent = transferredAway();
    agent.arrive(at(100, "connected"));
    agent.arrive(at(200, "agent-available"));
    agent.finish("r2");
    agent.arrive(at(30, "on-hold"));
    agent.arrive(at(150, "consulting"));
    expect(agent.steps.slice(-2)).toEqual(["r1 revise", "r2 revise"]);
    expect(agent.lines()).toEqual([
      "1 sealed 10-60 connected@10 on-hold@30 wrap-up@50 agent-available@60",
      "2 sealed 100-200 connected@100 consulting@150 agent-available@200",
    ]);
  });

  test("an event between two legs is in neither, and says so", () => {
    const agent = transferredAway();
    agent.arrive(at(100, "connected"));
    agent.arrive(at(200, "agent-available"));
    expect(agent.arrive(at(80, "on-hold"))).toEqual({
      "on-hold@80": "older than a closed recording of this call, and not within one",
    });
  });

  test("of several events of one request make one revision each time they come", () => {
    const agent = transferredAway();
    agent.arrive(at(20, "on-hold"), at(25, "hold-done"));
    expect(agent.steps.filter((step) => step === "r1 revise").length).toBe(1);
  });

  test("a not-responding inside a sealed leg joins its timeline and is told to be without effect", () => {
    const agent = transferredAway();
    expect(agent.arrive(at(30, "not-responding"))).toEqual({
      "not-responding@30": "a kept recording is never deleted by an event",
    });
    expect(agent.lines()).toEqual([
      "1 sealed 10-60 connected@10 not-responding@30 wrap-up@50 agent-available@60",
    ]);
  });
});

describe("overlapping calls", () => {
  test("availability without a session that comes late joins each timeline that it falls into, and ends none twice", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"), at(20, "connected", { session: "s2", id: "two" }));
    agent.arrive(at(60, "agent-available"));
    agent.arrive(at(70, "agent-available", { session: "s2", id: "end2" }));
    agent.arrive(at(40, "agent-available", { session: null, id: "free" }));
    expect(agent.lines()).toEqual([
      "1 kept 10-60 connected@10 free agent-available@60",
      "s2 1 kept 20-70 two free end2",
    ]);
  });

  test("an unanswered second call is discarded while the first one goes on", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "connected"));
    agent.arrive(at(20, "ringing", { session: "s2", id: "two" }));
    agent.arrive(at(40, "not-responding", { session: "s2", id: "no" }));
    expect(agent.lines()).toEqual(["1 kept 10- connected@10", "s2 1 discarded 20-40 two no"]);
    expect(agent.steps).toEqual(["r1 start", "r2 start", "r2 discard"]);
  });

  test("a consultation that ends for the consulted agent ends that call of hers only", () => {
    const agent = new AgentLedger();
    agent.arrive(at(10, "wrap-up"));
    agent.arrive(
      at(20, "ringing", { session: "s2", id: "consult" }),
      at(22, "connected", { session: "s2", id: "in" }),
    );
    agent.arrive(at(50, "agent-available", { session: "s2", id: "out" }));
    expect(agent.lines()).toEqual(["1 kept 10- wrap-up@10", "s2 1 kept 20-50 consult in out"]);
  });
});
