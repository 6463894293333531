import fc from "fast-check";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { wholeSecond } from "../call-truth.ts";
import type { CallScript } from "../call-script.ts";
import type { ScriptAt } from "../play-into.ts";
import { type CallPlan, callPlans, type DaySize } from "./call-plan.ts";
import { DayAgents } from "./day-agents.ts";
import { planCall } from "./plan-call.ts";

export type { DaySize } from "./call-plan.ts";

/** The calls of a day, by when they begin. */
export type RandomDay = readonly { readonly afterMs: DurationMs; readonly script: CallScript }[];

/** Random days of calls for property tests; they shrink to few, short, plain calls. */
export function randomDays(size: DaySize): fc.Arbitrary<RandomDay> {
  return callPlans(size).map((plans) => buildDay(plans, size.agents));
}

/** The day of a number, the same each time. */
export function dayOfSeed(seed: number, size: DaySize): RandomDay {
  const [plans = []] = fc.sample(fc.noBias(callPlans(size)), { seed, numRuns: 1 });
  return buildDay(plans, size.agents);
}

/** The day as it is played from an instant on: the whole second that it is in, since the day is planned in seconds. */
export function dayFrom(day: RandomDay, startAt: EpochMs): ScriptAt[] {
  return day.map(({ afterMs, script }) => ({ script, startAt: wholeSecond(startAt) + afterMs }));
}

function buildDay(plans: readonly CallPlan[], agentCount: number): RandomDay {
  const agents = new DayAgents(agentCount);
  let second = 0;
  return plans.map((plan) => {
    second += plan.afterS;
    return { afterMs: second * 1_000 + plan.offsetMs, script: planCall(plan, second, agents) };
  });
}
