import { describe, expect, test } from "vitest";
import { CHAT, conversation, offer, session, VOICE } from "./testing/known-rows.ts";
import { derive, type Variant } from "./testing/mapping-variants.ts";

function check(variants: Variant[]): void {
  test.each(variants)("$name", ({ facts, settings, events }) => {
    expect(derive(facts, settings)).toEqual(events);
  });
}

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
