import { expect, test } from "vitest";
import {
  describeRule,
  judgeRetention,
  type RetentionFacts,
  type RetentionRule,
  retentionHorizon,
} from "./retention.ts";

const DAY_MS = 86_400_000;
/** 2 March 2026. */
const NOW = 1_772_409_600_000;

function aged(days: number, change: Partial<RetentionFacts> = {}): RetentionFacts {
  const facts = {
    queue: "Billing",
    agents: ["ann@contoso.com"],
    attributes: { consent: "yes" },
    isHeld: false,
  };
  return { ...facts, endedAt: NOW - days * DAY_MS, ...change };
}

const RULES: RetentionRule[] = [
  { olderThanDays: 3_650, queue: "Legal" },
  { olderThanDays: null, agent: "trainer@contoso.com" },
  { olderThanDays: 1, attributes: { consent: "no" } },
  { olderThanDays: 90, queue: "Billing", agent: "bob@contoso.com" },
  { olderThanDays: 365 },
];

test.each<[string, RetentionFacts, object]>([
  ["older than the rule for all", aged(366), { isDue: true, rule: 4 }],
  ["exactly as old as the rule for all", aged(365), { isDue: false, because: "young", rule: 4 }],
  ["under legal hold, however old", aged(9_999, { isHeld: true }), { isDue: false, because: "legal-hold" }],
  [
    "under legal hold without consent",
    aged(2, { isHeld: true, attributes: { consent: "no" } }),
    { isDue: false, because: "legal-hold" },
  ],
  [
    "of a queue that is kept longer than all",
    aged(366, { queue: "Legal" }),
    { isDue: false, because: "young", rule: 0 },
  ],
  ["of that queue and older still", aged(3_651, { queue: "Legal" }), { isDue: true, rule: 0 }],
  [
    "of that queue without consent: the first rule wins",
    aged(2, { queue: "Legal", attributes: { consent: "no" } }),
    { isDue: false, because: "young", rule: 0 },
  ],
  ["without consent", aged(2, { attributes: { consent: "no" } }), { isDue: true, rule: 2 }],
  [
    "without an answer about consent",
    aged(2, { attributes: {} }),
    { isDue: false, because: "young", rule: 4 },
  ],
  [
    "of an agent whose interactions are kept for ever",
    aged(9_999, { agents: ["ann@contoso.com", "trainer@contoso.com"] }),
    { isDue: false, because: "for-ever", rule: 1 },
  ],
  [
    "that fits both conditions of a rule",
    aged(91, { agents: ["bob@contoso.com"] }),
    { isDue: true, rule: 3 },
  ],
  [
    "that fits one of two conditions",
    aged(91, { queue: "Sales", agents: ["bob@contoso.com"] }),
    { isDue: false, because: "young", rule: 4 },
  ],
])("an interaction %s", (_title, facts, verdict) => {
  expect(judgeRetention(facts, RULES, NOW)).toEqual(verdict);
});

test("without a rule that it fits an interaction is kept", () => {
  expect(judgeRetention(aged(9_999), [], NOW)).toEqual({ isDue: false, because: "no-rule" });
  expect(judgeRetention(aged(9_999), RULES.slice(0, 3), NOW)).toEqual({ isDue: false, because: "no-rule" });
});

test("only what is older than the shortest rule has to be looked at", () => {
  expect(retentionHorizon(RULES, NOW)).toBe(NOW - DAY_MS);
  expect(retentionHorizon([{ olderThanDays: null }], NOW)).toBeNull();
  expect(retentionHorizon([], NOW)).toBeNull();
});

test("a rule is told in words", () => {
  expect(RULES.map(describeRule)).toEqual([
    "queue Legal: 3650 days",
    "agent trainer@contoso.com: for ever",
    "consent no: 1 days",
    "queue Billing, agent bob@contoso.com: 90 days",
    "every interaction: 365 days",
  ]);
});
