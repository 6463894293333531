import { app } from "electron";
import type { DurationMs } from "#shared/time/units.ts";

/**
 * What all processes of this app have taken of the processors, in milliseconds, since somewhere in the past. Each is
 * followed by itself, so that one that ends takes nothing back. Electron's percentages are not used: they are of one core
 * on some systems, of all on others, and since whoever asked last.
 */
export function followProcessorTime(): () => DurationMs {
  const seen = new Map<string, number>();
  let ended = 0;
  return () => {
    const now = new Map<string, number>();
    for (const { pid, creationTime, cpu } of app.getAppMetrics())
      now.set(`${pid} ${creationTime}`, (cpu.cumulativeCPUUsage ?? 0) * 1_000);
    for (const [process, ms] of seen) if (!now.has(process)) ended += ms;
    seen.clear();
    for (const [process, ms] of now) seen.set(process, ms);
    return ended + [...now.values()].reduce((sum, ms) => sum + ms, 0);
  };
}
