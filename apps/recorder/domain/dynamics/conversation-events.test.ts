import { describe, expect, test } from "vitest";
import { type ConversationKnowledge, deriveConversationEvents } from "./conversation-events.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import {
  CHAT,
  conversation,
  known,
  lines,
  offer,
  SETTINGS,
  session,
  user,
  VOICE,
} from "./testing/known-rows.ts";

function derive(facts: Partial<ConversationKnowledge>, settings: Partial<MappingSettings> = {}): string[] {
  return lines(deriveConversationEvents(known(facts), { ...SETTINGS, ...settings }));
}

interface Variant {
  name: string;
  facts: Partial<ConversationKnowledge>;
  settings?: Partial<MappingSettings>;
  events: string[];
}

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

describe("several agents", () => {
  check([
    {
      name: "transfer: the first agent wraps up when leaving, the close ends it at both",
      facts: {
        conversation: conversation({ activeUserId: "bob", wrapUp: 183, closed: 220 }),
        participants: [
          offer("ann", 30, { joined: 41, left: 100 }),
          offer("bob", 91, { session: "s2", joined: 99, left: 220 }),
        ],
      },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "bob ringing 91",
        "bob connected 99",
        "ann wrap-up 100",
        "bob wrap-up 183",
        "ann agent-available 220",
        "bob agent-available 220",
      ],
    },
    {
      name: "transfer to a queue where the customer gives up: the wrap-up is not that of the agent who is gone",
      facts: {
        conversation: conversation({ activeUserId: "ann", wrapUp: 150, closed: 150 }),
        participants: [offer("ann", 30, { joined: 41, left: 100 })],
      },
      events: ["ann ringing 30", "ann connected 41", "ann wrap-up 100", "ann agent-available 150"],
    },
    {
      name: "transferred back: the second offer is the agent's own",
      facts: {
        conversation: conversation({ activeUserId: "ann" }),
        participants: [
          offer("ann", 30, { joined: 41, left: 60 }),
          offer("bob", 50, { session: "s2", joined: 55, left: 90 }),
          offer("ann", 80, { session: "s3", joined: 85 }),
        ],
        sessions: [session("s1"), session("s2"), session("s3")],
      },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "bob ringing 50",
        "bob connected 55",
        "ann wrap-up 60",
        "ann ringing 80",
        "ann connected 85",
        "bob wrap-up 90",
      ],
    },
    {
      name: "consult accepted",
      facts: {
        participants: [
          offer("ann", 30, { joined: 41 }),
          offer("bob", 60, { mode: "consult", joined: 65, left: 80 }),
        ],
      },
      settings: { conferencing: "never" },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "ann consulting 60",
        "bob ringing 60",
        "bob connected 65",
        "ann consult-done 80",
        "bob agent-available 80",
      ],
    },
    {
      name: "consult rejected",
      facts: {
        participants: [offer("ann", 30, { joined: 41 }), offer("bob", 60, { mode: "consult", left: 70 })],
      },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "ann consulting 60",
        "bob ringing 60",
        "ann consult-done 70",
        "bob not-responding 70",
      ],
    },
    {
      name: "somebody outside is consulted: only the primary has events",
      facts: {
        participants: [
          offer("ann", 30, { joined: 41 }),
          offer(null, 60, { mode: "consult", joined: 65, left: 80 }),
        ],
      },
      settings: { conferencing: "never" },
      events: ["ann ringing 30", "ann connected 41", "ann consulting 60", "ann consult-done 80"],
    },
    {
      name: "a consultation of another session is not this primary's",
      facts: {
        participants: [
          offer("ann", 30, { joined: 41 }),
          offer("bob", 60, { session: "s2", mode: "consult", joined: 65 }),
        ],
      },
      events: ["ann ringing 30", "ann connected 41", "bob ringing 60", "bob connected 65"],
    },
    {
      name: "the consulted agent takes the call over: in it all the time, and no consultation ends at who is gone",
      facts: {
        conversation: conversation({ activeUserId: "bob" }),
        participants: [
          offer("ann", 30, { joined: 41, left: 80 }),
          offer("bob", 60, { mode: "consult", joined: 65, left: 81, id: "consult" }),
          offer("bob", 80, { session: "s2", joined: 80 }),
        ],
      },
      settings: { conferencing: "never" },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "ann consulting 60",
        "bob ringing 60",
        "bob connected 65",
        "ann wrap-up 80",
        "bob connected 80",
      ],
    },
    {
      name: "a consultation that the hang-up ends: the availability ends the leg all the same",
      facts: {
        conversation: conversation({ closed: 90 }),
        participants: [
          offer("ann", 30, { joined: 41, left: 90 }),
          offer("bob", 60, { mode: "consult", joined: 65, left: 90 }),
        ],
      },
      settings: { conferencing: "never" },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "ann consulting 60",
        "bob ringing 60",
        "bob connected 65",
        "ann agent-available 90",
        "ann consult-done 90",
        "ann wrap-up 90",
        "bob agent-available 90",
      ],
    },
    {
      name: "who has answered is offered the call once more in the second of its close: that ends it all the same",
      facts: {
        conversation: conversation({ closed: 90 }),
        participants: [
          offer("ann", 30, { joined: 41, left: 60 }),
          offer("ann", 90, { session: "s2", left: 90 }),
          offer("bob", 90, { session: "s2", left: 90 }),
        ],
      },
      events: [
        "ann ringing 30",
        "ann connected 41",
        "ann wrap-up 60",
        "ann agent-available 90",
        "ann not-responding 90",
        "ann ringing 90",
        "ann wrap-up 90",
        "bob agent-available 90",
        "bob not-responding 90",
        "bob ringing 90",
      ],
    },
    {
      name: "closed with several agents, also one who was only asked",
      facts: {
        conversation: conversation({ activeUserId: "bob", closed: 100 }),
        participants: [
          offer("ann", 30, { left: 40 }),
          offer("bob", 45, { session: "s2", joined: 50 }),
          offer("eve", 60, { session: "s2", mode: "consult" }),
        ],
      },
      events: [
        "ann ringing 30",
        "ann not-responding 40",
        "bob ringing 45",
        "bob connected 50",
        "bob consulting 60",
        "eve ringing 60",
        "ann agent-available 100",
        "bob agent-available 100",
        "eve agent-available 100",
      ],
    },
  ]);
});

describe("who is recorded", () => {
  const monitored = [
    offer("ann", 30, { joined: 41 }),
    offer("eve", 50, { mode: "monitor", joined: 50, left: 70 }),
  ];
  check([
    {
      name: "a monitoring supervisor is not",
      facts: { participants: monitored },
      events: ["ann ringing 30", "ann connected 41"],
    },
    {
      name: "a monitoring supervisor is where it is configured",
      facts: { participants: monitored },
      settings: { recordModes: ["primary", "monitor"] },
      events: ["ann ringing 30", "ann connected 41", "eve connected 50", "eve agent-available 70"],
    },
    {
      name: "a primary is not where only consultations are; neither are the call's wrap-up and close of the primary",
      facts: {
        conversation: conversation({ activeUserId: "ann", wrapUp: 90, closed: 100 }),
        participants: [
          offer("ann", 30, { joined: 41 }),
          offer("bob", 60, { mode: "consult", joined: 65, left: 80 }),
        ],
      },
      settings: { recordModes: ["consult"], conferencing: "never" },
      events: ["bob ringing 60", "bob connected 65", "bob agent-available 80", "bob agent-available 100"],
    },
    {
      name: "a bot is not, even as the active agent",
      facts: {
        conversation: conversation({ activeUserId: "bot", wrapUp: 60, closed: 61 }),
        participants: [offer("bot", 30, { joined: 30, left: 61 })],
      },
      events: [],
    },
    {
      name: "a bot is where it is configured",
      facts: { participants: [offer("bot", 30, { joined: 30 })] },
      settings: { recordBots: true },
      events: ["bot connected 30"],
    },
    {
      name: "a user of whom nothing is known may be a bot",
      facts: { participants: [offer("new", 30)] },
      events: [],
    },
    {
      name: "a participant whose mode is not known, or unheard of, is not",
      facts: { participants: [offer("ann", 30, { mode: null }), offer("bob", 30, { mode: 192_350_009 })] },
      events: [],
    },
    {
      name: "a chat is not",
      facts: {
        conversation: conversation({ channels: [CHAT], activeUserId: "ann", wrapUp: 80, closed: 90 }),
        participants: [offer("ann", 30, { joined: 31, left: 90 })],
      },
      events: [],
    },
    {
      name: "voice beside chat in one conversation is",
      facts: {
        conversation: conversation({ channels: [CHAT, 192_370_000] }),
        participants: [offer("ann", 30)],
      },
      events: ["ann ringing 30"],
    },
    {
      name: "the session says the channel where the conversation does not, or is not known",
      facts: {
        conversation: null,
        sessions: [session("s1", { channels: [VOICE] }), session("s2", { channels: [CHAT] })],
        participants: [offer("ann", 30), offer("bob", 30, { session: "s2" })],
      },
      events: ["ann ringing 30"],
    },
    {
      name: "as long as nobody says which channel it is, nothing is",
      facts: { conversation: null, participants: [offer("ann", 30)] },
      events: [],
    },
  ]);
});

describe("conferences", () => {
  const consultation = [
    offer("ann", 30, { joined: 41 }),
    offer("bob", 60, { mode: "consult", joined: 65, left: 80, access: 1 }),
  ];
  const started = [
    "ann ringing 30",
    "ann connected 41",
    "ann consulting 60",
    "bob ringing 60",
    "bob connected 65",
  ];
  const done = ["ann consult-done 80", "bob agent-available 80"];
  check([
    {
      name: "public access: from when the consulted agent joins",
      facts: { participants: consultation },
      settings: { conferencing: "public-access" },
      events: [
        ...started.slice(0, 4),
        "ann conferencing 65",
        "bob conferencing 65",
        "bob connected 65",
        ...done,
      ],
    },
    {
      name: "private access is none",
      facts: { participants: consultation.map((row) => ({ ...row, access: 2 })) },
      settings: { conferencing: "public-access" },
      events: [...started, ...done],
    },
    {
      name: "never",
      facts: { participants: consultation },
      settings: { conferencing: "never" },
      events: [...started, ...done],
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
