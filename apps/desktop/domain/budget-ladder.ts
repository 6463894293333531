/** What each monitor may be sent with. */
export interface SendLimits {
  framesPerSecond: number;
  maxBitrateKbps: number;
}

/** Slower than this is no film of what the agent does. */
export const FEWEST_FRAMES_PER_SECOND = 1;
/** With less, a page of dense text would take longer than 8 s to be sharp. */
export const LOWEST_BITRATE_KBPS = 250;
/** What each step leaves of the one before it. */
const STEP = 0.6;

/**
 * From all that the policy allows down to the least that is of use: first fewer frames, then less for each. Text stays
 * readable to the end, as the size of the picture is never touched; every monitor has the same step.
 */
export function budgetLadder(policy: SendLimits): SendLimits[] {
  const { maxBitrateKbps } = policy;
  const rates = stepsDown(policy.framesPerSecond, FEWEST_FRAMES_PER_SECOND);
  const slowest = rates.at(-1) ?? policy.framesPerSecond;
  const bitrates = stepsDown(maxBitrateKbps, LOWEST_BITRATE_KBPS);
  return [
    ...rates.map((framesPerSecond) => ({ framesPerSecond, maxBitrateKbps })),
    ...bitrates.slice(1).map((kbps) => ({ framesPerSecond: slowest, maxBitrateKbps: Math.round(kbps) })),
  ];
}

/** From a value down to a least one in equal ratios; the value alone when it is no more than that. */
function stepsDown(from: number, least: number): number[] {
  const steps = [from];
  for (let next = from * STEP; next > least / STEP ** 0.5; next *= STEP) steps.push(next);
  if (from > least) steps.push(least);
  return steps;
}
