import { expect, test } from "vitest";
import { type ConversationKnowledge, deriveConversationEvents } from "./conversation-events.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import { activity, conversation, hold, known, lines, offer, SETTINGS } from "./testing/known-rows.ts";

const ANN = offer("ann", 30, { joined: 41, id: "ann" });
const TALK = 1;
const HOLD = 2;
const ENDED = 3;

/** What is derived beside the ring and the answer of Ann's call. */
function derive(facts: Partial<ConversationKnowledge>, settings: Partial<MappingSettings> = {}): string[] {
  const events = deriveConversationEvents(known({ participants: [ANN], ...facts }), {
    ...SETTINGS,
    ...settings,
  });
  return lines(events).filter((line) => !/ann (ringing 30|connected 41)/.test(line));
}

interface Variant {
  name: string;
  facts: Partial<ConversationKnowledge>;
  settings?: Partial<MappingSettings>;
  events: string[];
}

test.each<Variant>([
  {
    name: "participant events",
    facts: { participantEvents: [hold("ann", 50, 60), hold("ann", 70)] },
    events: ["ann on-hold 50", "ann hold-done 60", "ann on-hold 70"],
  },
  {
    name: "participant events of another type are no holds",
    facts: { participantEvents: [hold("ann", 50, 60, 192_350_000)] },
    events: [],
  },
  {
    name: "participant events where only the activity state is configured",
    facts: { participantEvents: [hold("ann", 50, 60)] },
    settings: { holdSignals: ["activity-state"] },
    events: [],
  },
  {
    name: "the activity state",
    facts: {
      activityChanges: [activity(41, TALK, "ann"), activity(50, HOLD, "ann"), activity(60, TALK, "ann")],
    },
    events: ["ann on-hold 50", "ann hold-done 60"],
  },
  {
    name: "the activity state written again and again",
    facts: {
      activityChanges: [50, 52, 54]
        .map((at) => activity(at, HOLD, "ann"))
        .concat(activity(60, TALK, "ann"), activity(61, TALK, "ann")),
    },
    events: ["ann on-hold 50", "ann hold-done 60"],
  },
  {
    name: "the call ends on hold: nobody takes the customer back",
    facts: { activityChanges: [activity(50, HOLD, "ann"), activity(60, ENDED, "ann")] },
    events: ["ann on-hold 50"],
  },
  {
    name: "writes of one second are told apart by the row's version",
    facts: { activityChanges: [activity(50, TALK, "ann", 8), activity(50, HOLD, "ann", 7)] },
    events: ["ann hold-done 50", "ann on-hold 50"],
  },
  {
    name: "the activity state where only participant events are configured",
    facts: { activityChanges: [activity(50, HOLD, "ann")] },
    settings: { holdSignals: ["participant-events"] },
    events: [],
  },
  {
    name: "both signals, seconds apart: each hold once, by its participant event",
    facts: {
      participantEvents: [hold("ann", 50, 60), hold("ann", 65, 69)],
      activityChanges: [
        activity(51, HOLD, "ann"),
        activity(61, TALK, "ann"),
        activity(66, HOLD, "ann"),
        activity(70, TALK, "ann"),
      ],
    },
    events: ["ann on-hold 50", "ann hold-done 60", "ann on-hold 65", "ann hold-done 69"],
  },
  {
    name: "both signals, of different holds: one of them missed by either",
    facts: {
      participantEvents: [hold("ann", 50, 60)],
      activityChanges: [activity(80, HOLD, "ann"), activity(90, TALK, "ann")],
    },
    events: ["ann on-hold 50", "ann hold-done 60", "ann on-hold 80", "ann hold-done 90"],
  },
  {
    name: "both signals, two quick holds of which one has no participant event",
    facts: {
      participantEvents: [hold("ann", 50, 52)],
      activityChanges: [
        activity(50, HOLD, "ann"),
        activity(52, TALK, "ann"),
        activity(55, HOLD, "ann"),
        activity(57, TALK, "ann"),
      ],
    },
    events: ["ann on-hold 50", "ann hold-done 52", "ann on-hold 55", "ann hold-done 57"],
  },
  {
    name: "both signals, the return to Talk seen long after the hold had ended: the post that told of it was lost",
    facts: {
      participantEvents: [hold("ann", 50, 60)],
      activityChanges: [activity(50, HOLD, "ann"), activity(75, TALK, "ann")],
    },
    events: ["ann on-hold 50", "ann hold-done 60"],
  },
  {
    name: "both signals, the end told by the activity state alone",
    facts: {
      participantEvents: [hold("ann", 50)],
      activityChanges: [activity(52, HOLD, "ann"), activity(75, TALK, "ann")],
    },
    events: ["ann on-hold 50", "ann hold-done 75"],
  },
  {
    name: "a hold that is stored already by the other signal's time",
    facts: {
      participantEvents: [hold("ann", 50, 60)],
      stored: [{ type: "on-hold", userId: "ann", at: 53_000 }],
    },
    events: ["ann hold-done 60"],
  },
  {
    name: "a hold that is stored by its own time does not hide the next one",
    facts: {
      participantEvents: [hold("ann", 50, 52), hold("ann", 55)],
      stored: [
        { type: "on-hold", userId: "ann", at: 50_000 },
        { type: "hold-done", userId: "ann", at: 52_000 },
      ],
    },
    events: ["ann on-hold 50", "ann hold-done 52", "ann on-hold 55"],
  },
  {
    name: "another agent's stored hold is another hold",
    facts: {
      participantEvents: [hold("ann", 50)],
      stored: [{ type: "on-hold", userId: "bob", at: 50_000 }],
    },
    events: ["ann on-hold 50"],
  },
  {
    name: "after a transfer the state is the new agent's, and ends no hold of the old one",
    facts: {
      participants: [{ ...ANN, leftAt: 60_000 }, offer("bob", 55, { session: "s2", joined: 60 })],
      activityChanges: [activity(50, HOLD, "ann"), activity(62, TALK, "bob"), activity(70, HOLD, "bob")],
    },
    events: ["ann on-hold 50", "bob ringing 55", "ann wrap-up 60", "bob connected 60", "bob on-hold 70"],
  },
  {
    name: "a hold whose end is written after its agent has left ends by that",
    facts: {
      participants: [{ ...ANN, leftAt: 60_000 }],
      participantEvents: [hold("ann", 50, 61)],
    },
    events: ["ann on-hold 50", "ann wrap-up 60"],
  },
  {
    name: "a hold that the customer ends by hanging up: the agent's wrap-up begins there",
    facts: {
      conversation: conversation({ closed: 60 }),
      participantEvents: [hold("ann", 50, 60)],
    },
    events: ["ann on-hold 50", "ann agent-available 60", "ann hold-done 60", "ann wrap-up 60"],
  },
  {
    name: "the same where the hold's end is stored and not derived any more",
    facts: {
      conversation: conversation({ closed: 60 }),
      stored: [{ type: "hold-done", userId: "ann", at: 60_000 }],
    },
    events: ["ann agent-available 60", "ann wrap-up 60"],
  },
  {
    name: "as far as everything is known, and by the activity state when a participant event would have shown",
    facts: {
      participantEvents: [hold("ann", 50, 60)],
      activityChanges: [activity(80, HOLD, "ann"), activity(81, TALK, "ann")],
      completeAsOf: 90_000,
    },
    events: ["ann on-hold 50", "ann hold-done 60", "ann on-hold 80"],
  },
])("$name", ({ facts, settings, events }) => {
  expect(derive(facts, settings)).toEqual(events);
});

const BOB = offer("bob", 60, { mode: "consult", joined: 65, left: 80 });
const done = ["ann consult-done 80", "bob agent-available 80"];

test.each<Variant>([
  {
    name: "the customer hears the consultation: a conference from when the consulted agent joins",
    facts: {},
    events: ["ann conferencing 65", "bob conferencing 65", "bob connected 65", ...done],
  },
  {
    name: "the customer is on hold, then taken back",
    facts: { participantEvents: [hold("ann", 55, 70)] },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann conferencing 70",
      "ann hold-done 70",
      "bob conferencing 70",
      ...done,
    ],
  },
  {
    name: "one hold passes into the next",
    facts: { participantEvents: [hold("ann", 55, 70), hold("ann", 70, 75)] },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann hold-done 70",
      "ann on-hold 70",
      "ann conferencing 75",
      "ann hold-done 75",
      "bob conferencing 75",
      ...done,
    ],
  },
  {
    name: "the customer is on hold until the consulted agent leaves, or longer",
    facts: { participantEvents: [hold("ann", 55, 80)] },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann consult-done 80",
      "ann hold-done 80",
      "bob agent-available 80",
    ],
  },
  {
    name: "the customer is on hold for good",
    facts: { participantEvents: [hold("ann", 55)] },
    events: ["ann on-hold 55", "bob connected 65", ...done],
  },
  {
    name: "the activity state says that the customer is taken back",
    facts: { activityChanges: [activity(55, HOLD, "ann"), activity(70, TALK, "ann")] },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann conferencing 70",
      "ann hold-done 70",
      "bob conferencing 70",
      ...done,
    ],
  },
  {
    name: "the activity state was seen on hold, its return to Talk was not",
    facts: { participantEvents: [hold("ann", 55, 70)], activityChanges: [activity(58, HOLD, "ann")] },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann conferencing 70",
      "ann hold-done 70",
      "bob conferencing 70",
      ...done,
    ],
  },
  {
    name: "the activity state was first seen long after the hold had begun",
    facts: { participantEvents: [hold("ann", 52, 70)], activityChanges: [activity(63, HOLD, "ann")] },
    events: [
      "ann on-hold 52",
      "bob connected 65",
      "ann conferencing 70",
      "ann hold-done 70",
      "bob conferencing 70",
      ...done,
    ],
  },
  {
    name: "the participant event does not say yet when the hold ended",
    facts: {
      participantEvents: [hold("ann", 55)],
      activityChanges: [activity(55, HOLD, "ann"), activity(70, TALK, "ann")],
    },
    events: [
      "ann on-hold 55",
      "bob connected 65",
      "ann conferencing 70",
      "ann hold-done 70",
      "bob conferencing 70",
      ...done,
    ],
  },
  {
    name: "a hold of the consulted agent is not the primary's",
    facts: { participantEvents: [hold("bob@60", 66, 70)] },
    events: [
      "ann conferencing 65",
      "bob conferencing 65",
      "bob connected 65",
      "bob on-hold 66",
      "bob hold-done 70",
      ...done,
    ],
  },
  {
    name: "the primary leaves before the customer is taken back: a transfer, no conference",
    facts: {
      participants: [{ ...ANN, leftAt: 70_000 }, BOB],
      participantEvents: [hold("ann", 55, 71)],
    },
    events: ["ann on-hold 55", "bob connected 65", "ann wrap-up 70", "bob agent-available 80"],
  },
])("conference by the customer being off hold: $name", ({ facts, events }) => {
  const common = ["ann consulting 60", "bob ringing 60"];
  const found = derive({ participants: [ANN, BOB], ...facts });
  expect(found.filter((line) => !common.includes(line))).toEqual(events);
});
