import { describe, expect, test } from "vitest";
import { type ConversationKnowledge, deriveConversationEvents } from "./conversation-events.ts";
import { conversation, known, offer, SETTINGS, session, user } from "./testing/known-rows.ts";
import { derive, type Variant } from "./testing/mapping-variants.ts";

function check(variants: Variant[]): void {
  test.each(variants)("$name", ({ facts, settings, events }) => {
    expect(derive(facts, settings)).toEqual(events);
  });
}

describe("one agent", () => {
  check([
    {
      name: "a call from ring to close",
      facts: {
        conversation: conversation({ activeUserId: "ann", wrapUp: 90, closed: 120 }),
        participants: [offer("ann", 30, { joined: 41, left: 120 })],
      },
      events: ["ann ringing 30", "ann connected 41", "ann wrap-up 90", "ann agent-available 120"],
    },
    {
      name: "the agent leaves when the wrap-up begins: one wrap-up",
      facts: {
        conversation: conversation({ activeUserId: "ann", wrapUp: 90, closed: 120 }),
        participants: [offer("ann", 30, { joined: 41, left: 90 })],
      },
      events: ["ann ringing 30", "ann connected 41", "ann wrap-up 90", "ann agent-available 120"],
    },
    {
      name: "an offer that goes on",
      facts: { participants: [offer("ann", 30)] },
      events: ["ann ringing 30"],
    },
    {
      name: "rejected or timed out",
      facts: { participants: [offer("ann", 30, { left: 50 })] },
      events: ["ann ringing 30", "ann not-responding 50"],
    },
    {
      name: "auto-answer: joined when the row is made",
      facts: { participants: [offer("ann", 30, { joined: 30 })] },
      events: ["ann connected 30"],
    },
    {
      name: "outbound: joined before the row is written",
      facts: {
        conversation: conversation({ isOutbound: true }),
        participants: [offer("ann", 30, { joined: 29 })],
      },
      events: ["ann connected 29"],
    },
    {
      name: "the customer hangs up while it rings: the close says only that it is over",
      facts: {
        conversation: conversation({ closed: 40 }),
        participants: [offer("ann", 30)],
      },
      events: ["ann ringing 30", "ann agent-available 40"],
    },
    {
      name: "the customer hangs up while it rings, and the row says so",
      facts: {
        conversation: conversation({ closed: 40 }),
        participants: [offer("ann", 30, { left: 40 })],
      },
      events: ["ann ringing 30", "ann agent-available 40", "ann not-responding 40"],
    },
    {
      name: "a session closed for the agent's silence, whose participant row was left as it was",
      facts: {
        sessions: [session("s1", { closed: 50, reason: 192_350_002 })],
        participants: [offer("ann", 30)],
      },
      events: ["ann ringing 30", "ann not-responding 50"],
    },
    {
      name: "the customer hangs up and there is no wrap-up: leaving at the close is none",
      facts: {
        conversation: conversation({ closed: 90 }),
        participants: [offer("ann", 30, { joined: 41, left: 90 })],
      },
      events: ["ann ringing 30", "ann connected 41", "ann agent-available 90"],
    },
    {
      name: "an offer that is younger than its session's close for silence is not the one meant",
      facts: {
        sessions: [session("s1", { closed: 25, reason: 192_350_002 })],
        participants: [offer("ann", 30)],
      },
      events: ["ann ringing 30"],
    },
    {
      name: "a session closed for another reason says nothing of the offer",
      facts: {
        sessions: [session("s1", { closed: 50, reason: 192_350_020 })],
        participants: [offer("ann", 30)],
      },
      events: ["ann ringing 30"],
    },
    {
      name: "ringing by msdyn_addedon, where a site has true times in it",
      facts: { participants: [offer("ann", 30, { added: 28, joined: 41 }), offer("bob", 30)] },
      settings: { ringingTime: "addedon" },
      events: ["ann ringing 28", "ann connected 41"],
    },
    {
      name: "a resolved conversation is closed too",
      facts: {
        conversation: conversation({ status: 6, closed: 120 }),
        participants: [offer("ann", 30, { joined: 41 })],
      },
      events: ["ann ringing 30", "ann connected 41", "ann agent-available 120"],
    },
    {
      name: "the times of an earlier wrap-up and close in a conversation that goes on",
      facts: {
        conversation: conversation({ status: 2, activeUserId: "ann", wrapUp: 90, closed: 120 }),
        participants: [offer("ann", 100)],
      },
      events: ["ann ringing 100"],
    },
    {
      name: "joined again by the same row: the earlier leaving is past",
      facts: { participants: [offer("ann", 30, { joined: 60, left: 50 })] },
      events: ["ann ringing 30", "ann connected 60"],
    },
    {
      name: "a hang-up in the second of the answer ends the call by a wrap-up of that second",
      facts: {
        conversation: conversation({ closed: 41 }),
        participants: [offer("ann", 30, { joined: 41, left: 41 })],
      },
      events: ["ann ringing 30", "ann agent-available 41", "ann connected 41", "ann wrap-up 41"],
    },
  ]);
});

test("events are for one conversation and have the attributes that are known", () => {
  const [ring] = deriveConversationEvents(
    known({
      conversation: conversation({ isOutbound: false }),
      participants: [offer("ann", 1_772_445_750)],
      users: new Map([["ann", user("ann", { fullName: "Ann Agent" })]]),
      queueName: "Billing",
      customer: "+14255550100",
    }),
    SETTINGS,
  );
  expect(ring).toEqual({
    id: "call:ann:ringing:1772445750",
    type: "ringing",
    at: 1_772_445_750_000,
    userId: "ann",
    callSessionId: "call",
    attributes: { direction: "inbound", customer: "+14255550100", queue: "Billing", agentName: "Ann Agent" },
  });
  const [bare] = deriveConversationEvents(known({ participants: [offer("ann", 30)] }), SETTINGS);
  expect(bare?.attributes).toEqual({});
});

describe("before all rows are known", () => {
  const call: Partial<ConversationKnowledge> = {
    conversation: conversation({ activeUserId: "bob", wrapUp: 183, closed: 220 }),
    participants: [
      offer("ann", 30, { joined: 41, left: 100 }),
      offer("eve", 60, { mode: "consult", joined: 65, left: 80 }),
      offer("bob", 91, { session: "s2", joined: 99, left: 220 }),
    ],
  };
  test("only what one row alone makes certain is derived", () => {
    expect(derive({ ...call, completeAsOf: null })).toEqual([
      "ann ringing 30",
      "ann connected 41",
      "eve ringing 60",
      "eve connected 65",
      "bob ringing 91",
      "bob connected 99",
      "ann agent-available 220",
      "bob agent-available 220",
      "eve agent-available 220",
    ]);
  });

  test("the rest comes as far as everything is known", () => {
    const certain = derive({ ...call, completeAsOf: null });
    const at90 = derive({ ...call, completeAsOf: 90_000 }).filter((line) => !certain.includes(line));
    expect(at90).toEqual([
      "ann consulting 60",
      "ann conferencing 65",
      "eve conferencing 65",
      "ann consult-done 80",
      "eve agent-available 80",
    ]);
  });
});
