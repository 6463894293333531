import type { DesktopCost } from "./desktop-cost.ts";

interface Goal {
  goal: string;
  found: string;
  isMet: boolean;
}

/** Most percent of a core that each situation may take on one monitor. */
const CPU_GOALS: Record<string, number> = { idle: 0.5, static: 5, mix: 12, down: 0.2 };
const MIX_WIRE_P95_KBPS = 250;

/** Which promises were kept in what was measured; those of one monitor. */
export function judgeDesktop(costs: readonly DesktopCost[]): Goal[] {
  return costs
    .filter(({ monitors }) => monitors === 1)
    .flatMap((cost): Goal[] => {
      const name = [cost.what, cost.codec].join(" ").trim();
      const most = CPU_GOALS[cost.what];
      const goals: Goal[] = [];
      if (most !== undefined)
        goals.push({
          goal: `${name}: <= ${most} % of a core`,
          found: `${cost.cpuPercent.toFixed(2)} %`,
          isMet: cost.cpuPercent <= most,
        });
      if (cost.what === "mix")
        goals.push({
          goal: `${name}: wire p95 over 10 s <= ${MIX_WIRE_P95_KBPS} kbit/s`,
          found: `${cost.wireKbps.p95.toFixed(0)} kbit/s`,
          isMet: cost.wireKbps.p95 <= MIX_WIRE_P95_KBPS,
        });
      return goals;
    });
}
