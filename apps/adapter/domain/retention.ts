import type { EpochMs } from "#shared/time/units.ts";

/** For how long interactions are kept that fit all that is given. */
export interface RetentionRule {
  /** Counted from the interaction's end; null: for ever. */
  olderThanDays: number | null;
  queue?: string;
  /** Took part in it. */
  agent?: string;
  /** Attributes of the call with exactly these values. */
  attributes?: Readonly<Record<string, string>>;
}

/** What decides about an interaction. */
export interface RetentionFacts {
  endedAt: EpochMs;
  queue: string;
  agents: readonly string[];
  attributes: Readonly<Record<string, string>>;
  isHeld: boolean;
}

/** `rule`: the one that decided, counted from 0. */
export type RetentionVerdict =
  | { isDue: true; rule: number }
  | { isDue: false; because: "legal-hold" | "no-rule" }
  | { isDue: false; because: "young" | "for-ever"; rule: number };

const DAY_MS = 86_400_000;

/**
 * Whether an interaction is to be deleted. A legal hold wins over everything. Then the first rule that it fits decides,
 * by what it is and not by its age, so that a rule for a few can keep them longer than a later one for all.
 */
export function judgeRetention(
  facts: RetentionFacts,
  rules: readonly RetentionRule[],
  now: EpochMs,
): RetentionVerdict {
  if (facts.isHeld) return { isDue: false, because: "legal-hold" };
  const rule = rules.findIndex((candidate) => fits(facts, candidate));
  const days = rules[rule]?.olderThanDays;
  if (days === undefined) return { isDue: false, because: "no-rule" };
  if (days === null) return { isDue: false, because: "for-ever", rule };
  return now - facts.endedAt > days * DAY_MS
    ? { isDue: true, rule }
    : { isDue: false, because: "young", rule };
}

/** Started before this instant is what may be due at all; null: nothing is. */
export function retentionHorizon(rules: readonly RetentionRule[], now: EpochMs): EpochMs | null {
  const days = rules.flatMap(({ olderThanDays }) => (olderThanDays === null ? [] : [olderThanDays]));
  return days.length === 0 ? null : now - Math.min(...days) * DAY_MS;
}

/** A rule in words, for tombstones and reports. */
export function describeRule({ olderThanDays, queue, agent, attributes = {} }: RetentionRule): string {
  const conditions = [
    ...(queue === undefined ? [] : [`queue ${queue}`]),
    ...(agent === undefined ? [] : [`agent ${agent}`]),
    ...Object.entries(attributes).map(([name, value]) => `${name} ${value}`),
  ];
  const who = conditions.length === 0 ? "every interaction" : conditions.join(", ");
  return `${who}: ${olderThanDays === null ? "for ever" : `${olderThanDays} days`}`;
}

function fits(facts: RetentionFacts, { queue, agent, attributes = {} }: RetentionRule): boolean {
  return (
    (queue === undefined || facts.queue === queue) &&
    (agent === undefined || facts.agents.includes(agent)) &&
    Object.entries(attributes).every(([name, value]) => facts.attributes[name] === value)
  );
}
