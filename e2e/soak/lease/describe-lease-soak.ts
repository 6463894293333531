import type { LeaseSoakResult } from "./soak-lease.ts";

/** The result for people: a table, and a line for each thing that is wrong. */
export function describeLeaseSoak({
  options,
  tookMs,
  captures,
  worstLateMs,
  faults,
}: LeaseSoakResult): string {
  const verdict = faults.length === 0 ? "nothing is wrong" : `${faults.length} things are wrong`;
  return [
    `soak of leases, seed ${options.seed}: ${verdict}`,
    `  kills     ${options.kills} in ${Math.round(tookMs / 1_000)} s, ${options.desktops} desktops`,
    `  captures  ${captures.atKill} under way at a kill, ${captures.nearEnd} of them to the end of their lease`,
    `  late      ${Math.round(worstLateMs)} ms after its lease at worst`,
    ...(faults.length === 0 ? [] : ["", ...faults]),
  ].join("\n");
}
