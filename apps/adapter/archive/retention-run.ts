import { setImmediate as nextTurn } from "node:timers/promises";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { describeRule, judgeRetention, type RetentionRule, retentionHorizon } from "../domain/retention.ts";
import type { CustodyStore } from "../store/custody-store.ts";
import type { InteractionCatalogue } from "./catalogue.ts";

/** An interaction that a rule has deleted. */
export interface DueInteraction {
  interactionId: string;
  startedAt: EpochMs;
  /** The rule in words. */
  rule: string;
}

/** So many interactions are looked at in one turn of the event loop, which replay shares. */
const PAGE = 200;

/** Every interaction that the rules delete now, oldest first; nothing is deleted here. */
export async function* listDue(
  catalogue: InteractionCatalogue,
  custody: CustodyStore,
  rules: readonly RetentionRule[],
  now: EpochMs,
): AsyncGenerator<DueInteraction> {
  const before = retentionHorizon(rules, now);
  if (before === null) return;
  let after = { startedAt: Number.MIN_SAFE_INTEGER, id: "" };
  for (;;) {
    const page = catalogue.listAged(before, after, PAGE);
    for (const { id, startedAt, ...facts } of page) {
      after = { startedAt, id };
      const verdict = judgeRetention({ ...facts, isHeld: custody.isHeld(id) }, rules, now);
      const rule = verdict.isDue ? rules[verdict.rule] : undefined;
      if (rule !== undefined) yield { interactionId: id, startedAt, rule: describeRule(rule) };
    }
    if (page.length < PAGE) return;
    await nextTurn();
  }
}

/** A line for a person. */
export function describeDue({ interactionId, startedAt, rule }: DueInteraction): string {
  return `${interactionId} of ${formatInstant(startedAt)} (${rule})`;
}
