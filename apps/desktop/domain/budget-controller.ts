import type { Budgets, DesktopFigures } from "#shared/protocol/messages.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** What the tray app took of its PC in the time since the sample before. */
export interface Usage {
  /** By a steady clock. */
  at: DurationMs;
  cpuPercent: number;
  uplinkKbps: number;
}

/** Where the controller stands, as a step of the budget's ladder: 0 = all that the policy allows. */
export interface BudgetControl {
  readonly step: number;
  readonly state: DesktopFigures["budget"];
  /** Of this step, newest last. */
  readonly samples: readonly Usage[];
  /** When it came to this step; null before the first sample. */
  readonly since: DurationMs | null;
  /** It is here to try whether more can be had. */
  readonly isTrial: boolean;
  /** How long a step is kept before a higher one is tried: longer each time that the higher one was too much. */
  readonly patienceMs: DurationMs;
}

/** Usage is judged over so long: a single key frame is no reason to slow down. */
export const JUDGED_OVER_MS: DurationMs = 10_000;
/** Before that nothing can be said of a step. */
const LEAST_MS: DurationMs = 5_000;
/** A higher step is tried only when there is so much room. */
const ROOM = 0.7;
/** A load from which on one step down would not be enough. */
const FAR_ABOVE = 2;
const FIRST_PATIENCE_MS: DurationMs = 20_000;
export const MOST_PATIENCE_MS: DurationMs = 600_000;
/** A trial that has lasted so many times the patience has succeeded for good. */
const TRUSTED_AFTER = 3;

export const NEW_CONTROL: BudgetControl = {
  step: 0,
  state: "normal",
  samples: [],
  since: null,
  isTrial: false,
  patienceMs: FIRST_PATIENCE_MS,
};

/**
 * Takes the next sample in. A step down as soon as a budget is exceeded, two when by far; a step up after patience, which
 * doubles when the higher step has to be left again soon: so a constant load is met by ever rarer trials.
 *
 * @param lastStep - the ladder's last one.
 */
export function controlBudget(
  before: BudgetControl,
  usage: Usage,
  budgets: Budgets,
  lastStep: number,
): BudgetControl {
  const since = before.since ?? usage.at;
  const samples = [...before.samples, usage].filter(({ at }) => at > usage.at - JUDGED_OVER_MS);
  const stayed = { ...before, step: Math.min(before.step, lastStep), samples, since };
  const heldMs = usage.at - since;
  if (heldMs < LEAST_MS) return stayed;
  const { step, patienceMs } = stayed;
  const load = loadOf(samples, budgets);
  if (load > 1) {
    if (step === lastStep) return { ...stayed, state: "exceeded" };
    const hasFailed = before.isTrial && heldMs < patienceMs;
    return {
      ...moved(Math.min(step + (load > FAR_ABOVE ? 2 : 1), lastStep), usage.at),
      patienceMs: hasFailed ? Math.min(patienceMs * 2, MOST_PATIENCE_MS) : patienceMs,
    };
  }
  if (step > 0 && load <= ROOM && heldMs >= patienceMs)
    return { ...moved(step - 1, usage.at), isTrial: true, patienceMs };
  const isTrusted = before.isTrial && heldMs >= TRUSTED_AFTER * patienceMs;
  return {
    ...stayed,
    state: step === 0 ? "normal" : "lowered",
    patienceMs: isTrusted ? FIRST_PATIENCE_MS : patienceMs,
  };
}

/** The fullest budget: 1 = just kept. */
function loadOf(samples: readonly Usage[], { cpuPercent, uplinkKbps }: Budgets): number {
  const mean = (of: (usage: Usage) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const shares = [
    cpuPercent === null ? 0 : mean((usage) => usage.cpuPercent) / cpuPercent,
    uplinkKbps === null ? 0 : mean((usage) => usage.uplinkKbps) / uplinkKbps,
  ];
  return Math.max(...shares);
}

function moved(step: number, at: DurationMs): BudgetControl {
  return { ...NEW_CONTROL, step, state: step === 0 ? "normal" : "lowered", since: at };
}
