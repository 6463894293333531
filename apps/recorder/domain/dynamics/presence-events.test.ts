import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "../../../../build/test/property-runs.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import { type AgentKnowledge, type AgentParticipation, derivePresenceEvents } from "./presence-events.ts";
import type { ConversationRow, ParticipantRow, SessionRow } from "./rows.ts";
import {
  CHAT,
  conversation,
  knownAgent,
  offer,
  PRESENCE,
  presence,
  SETTINGS,
  session,
  user,
} from "./testing/known-rows.ts";

function part(
  participant: ParticipantRow,
  row: ConversationRow | null = conversation(),
  of: SessionRow | null = session("s1"),
): AgentParticipation {
  return { participant, session: of, conversation: row };
}

const BUSY = presence(20, "busy");
const IN_CALL = part(offer("ann", 30, { joined: 41 }));
const OFFERED = part(offer("ann", 30));
const HANDED_OVER = part(offer("ann", 30, { joined: 41, left: 60 }));
const WRAPPING_UP = part(offer("ann", 30, { joined: 41 }), conversation({ activeUserId: "ann", wrapUp: 60 }));
const CHATTING = part(
  offer("ann", 10, { joined: 11, session: "s9", id: "chat" }),
  conversation({ id: "chat", channels: [CHAT] }),
);
const OTHER_OFFER = part(offer("ann", 65, { session: "s2", id: "other" }), conversation({ id: "other" }));

interface Variant {
  name: string;
  facts: Partial<AgentKnowledge>;
  settings?: Partial<MappingSettings>;
  /** Seconds. */
  freed?: number[];
  ignored?: string[];
}

test.each<Variant>([
  {
    name: "available in the wrap-up after a transfer",
    facts: { participations: [HANDED_OVER], changes: [BUSY, presence(70, "available")] },
    freed: [70],
  },
  {
    name: "available set by hand in a call",
    facts: { participations: [IN_CALL], changes: [BUSY, presence(70, "available")] },
    ignored: ["available while offered a call or in one (participant ann@30)"],
  },
  {
    name: "available while it rings",
    facts: { participations: [OFFERED], changes: [BUSY, presence(40, "available")] },
    ignored: ["available while offered a call or in one (participant ann@30)"],
  },
  {
    name: "available while Dataverse has the agent joined and not left, wrap-up or not",
    facts: { participations: [WRAPPING_UP], changes: [BUSY, presence(70, "available")] },
    ignored: ["available while offered a call or in one (participant ann@30)"],
  },
  {
    name: "available after one call while the next one rings",
    facts: { participations: [HANDED_OVER, OTHER_OFFER], changes: [BUSY, presence(70, "available")] },
    ignored: ["available while offered a call or in one (participant other)"],
  },
  {
    name: "available beside a chat",
    facts: { participations: [HANDED_OVER, CHATTING], changes: [BUSY, presence(70, "available")] },
    freed: [70],
  },
  {
    name: "available beside a conversation of which nobody says the channel",
    facts: {
      participations: [HANDED_OVER, part(offer("ann", 65, { id: "what" }), null, null)],
      changes: [BUSY, presence(70, "available")],
    },
    ignored: ["available while offered a call or in one (participant what)"],
  },
  {
    name: "a row that was never ended in a conversation that is closed is over",
    facts: {
      participations: [HANDED_OVER, part(offer("ann", 35, { joined: 36 }), conversation({ closed: 65 }))],
      changes: [BUSY, presence(70, "available")],
    },
    freed: [70],
  },
  {
    name: "available with nothing that it could end: no call",
    facts: { changes: [BUSY, presence(70, "available")] },
  },
  {
    name: "available with nothing that it could end: the call is closed",
    facts: {
      participations: [part(offer("ann", 30, { joined: 41, left: 60 }), conversation({ closed: 70 }))],
      changes: [BUSY, presence(70, "available"), presence(75, "busy"), presence(80, "available")],
    },
  },
  {
    name: "available with nothing that it could end: the call comes later",
    facts: { participations: [OFFERED], changes: [BUSY, presence(25, "available")] },
  },
  {
    name: "available with nothing that it could end: the call is not recorded",
    facts: {
      participations: [part(offer("ann", 30, { mode: "monitor", joined: 31, left: 60 }))],
      changes: [BUSY, presence(70, "available")],
    },
  },
  {
    name: "available again, with another capacity: no change",
    facts: {
      participations: [HANDED_OVER],
      changes: [presence(20, "available"), presence(70, "available")],
    },
  },
  {
    name: "the first presence that is known of an agent is not known to be a change",
    facts: { participations: [HANDED_OVER], changes: [presence(70, "available")] },
  },
  {
    name: "the same change by the agent's status and by its history, a second apart",
    facts: {
      participations: [HANDED_OVER],
      changes: [BUSY, presence(70, "available"), presence(71, "available")],
    },
    freed: [70],
  },
  {
    name: "a custom presence whose base is none that says something",
    facts: { participations: [HANDED_OVER], changes: [BUSY, presence(70, 192_360_002), presence(71, null)] },
  },
  {
    name: "logout, in a call",
    facts: {
      participations: [IN_CALL],
      changes: [presence(20, "busy", true), presence(70, "offline", false)],
    },
    freed: [70],
  },
  {
    name: "logout, once",
    facts: {
      participations: [IN_CALL],
      changes: [presence(20, "busy", true), presence(70, "offline", false), presence(75, "offline", false)],
    },
    freed: [70],
  },
  {
    name: "logout in the second of an offer: which came first, nothing says",
    facts: {
      participations: [OFFERED],
      changes: [presence(20, "busy", true), presence(30, "offline", false)],
    },
  },
  {
    name: "logout without a call",
    facts: { changes: [presence(20, "busy", true), presence(70, "offline", false)] },
  },
  {
    name: "browser closed: no row says anything",
    facts: { participations: [IN_CALL], changes: [BUSY] },
  },
  {
    name: "away in the call's wrap-up",
    facts: { participations: [WRAPPING_UP], changes: [BUSY, presence(70, "away")] },
    freed: [70],
  },
  {
    name: "offline in the wrap-up after a transfer",
    facts: { participations: [HANDED_OVER], changes: [BUSY, presence(70, "offline")] },
    freed: [70],
  },
  {
    name: "away in a call, before its wrap-up",
    facts: { participations: [WRAPPING_UP], changes: [BUSY, presence(50, "away")] },
  },
  {
    name: "away in another agent's wrap-up",
    facts: {
      participations: [
        part(offer("ann", 30, { joined: 41 }), conversation({ activeUserId: "bob", wrapUp: 60 })),
      ],
      changes: [BUSY, presence(70, "away")],
    },
  },
  {
    name: "away in the wrap-up of one call while another rings",
    facts: { participations: [WRAPPING_UP, OTHER_OFFER], changes: [BUSY, presence(70, "away")] },
    ignored: ["away while offered a call or in one (participant other)"],
  },
  {
    name: "a bot",
    facts: {
      user: user("ann", { isBot: true }),
      participations: [HANDED_OVER],
      changes: [BUSY, presence(70, "available")],
    },
  },
  {
    name: "a user of whom nothing is known",
    facts: { user: null, participations: [HANDED_OVER], changes: [BUSY, presence(70, "available")] },
  },
  {
    name: "before all rows of the agent are known",
    facts: { participations: [HANDED_OVER], changes: [BUSY, presence(70, "available")], completeAsOf: null },
  },
  {
    name: "later than all rows of the agent are known",
    facts: {
      participations: [HANDED_OVER],
      changes: [BUSY, presence(70, "available")],
      completeAsOf: 69_000,
    },
  },
])("$name", ({ facts, settings, freed = [], ignored = [] }) => {
  const found = derivePresenceEvents(knownAgent(facts), { ...SETTINGS, ...settings });
  expect(found.events.map(({ at }) => at / 1_000)).toEqual(freed);
  expect(found.ignored.map(({ reason }) => reason)).toEqual(ignored);
});

test("the event speaks of all the agent's calls", () => {
  const { events } = derivePresenceEvents(
    knownAgent({
      user: user("ann", { fullName: "Ann Agent" }),
      participations: [HANDED_OVER],
      changes: [presence(20, PRESENCE.busy), presence(70, PRESENCE.available)],
    }),
    SETTINGS,
  );
  expect(events).toEqual([
    {
      id: "ann:agent-available:70",
      type: "agent-available",
      at: 70_000,
      userId: "ann",
      callSessionId: null,
      attributes: { agentName: "Ann Agent" },
    },
  ]);
});

const agentArbitrary = fc
  .record({
    changes: fc.array(
      fc
        .tuple(
          fc.integer({ min: 0, max: 99 }),
          fc.constantFrom(...Object.values(PRESENCE)),
          fc.option(fc.boolean()),
        )
        .map(([at, base, isLoggedIn]) => presence(at, base, isLoggedIn)),
      { maxLength: 8 },
    ),
    participations: fc.subarray([IN_CALL, OFFERED, HANDED_OVER, WRAPPING_UP, CHATTING, OTHER_OFFER]),
  })
  .chain((facts) => {
    const shuffle = <Row>(rows: Row[]) => fc.shuffledSubarray(rows, { minLength: rows.length });
    return fc.record({
      facts: fc.constant(facts),
      shuffled: fc.record({ changes: shuffle(facts.changes), participations: shuffle(facts.participations) }),
      asOf: fc.integer({ min: 0, max: 99 }).map((seconds) => seconds * 1_000),
    });
  });

test("the order says nothing, and what is known up to a time is judged up to that time as it ever will be", () => {
  fc.assert(
    fc.property(agentArbitrary, ({ facts, shuffled, asOf }) => {
      const { events } = derivePresenceEvents(knownAgent(facts), SETTINGS);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      expect(derivePresenceEvents(knownAgent(shuffled), SETTINGS).events).toEqual(events);
      const early = derivePresenceEvents(knownAgent({ ...facts, completeAsOf: asOf }), SETTINGS).events;
      expect(early).toEqual(events.filter(({ at }) => at <= asOf));
    }),
    { numRuns: runsOf(2_000) },
  );
});
