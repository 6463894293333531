import { setTimeout as sleep } from "node:timers/promises";
import { readProcessorMs } from "../process-cost.ts";
import type { MeasuredDesk } from "./measured-desk.ts";
import { readTreeProcessor, readTreePssBytes, type Role } from "./process-tree.ts";
import type { UdpMeter } from "./udp-meter.ts";

/** Wire rates are told over windows of this length. */
const WINDOW_S = 10;

/** What a desktop took while something went on. Percent is of one core. */
export interface DesktopCost {
  what: string;
  codec: string;
  monitors: number;
  seconds: number;
  cpuPercent: number;
  cpuByRole: Record<Role, number>;
  /** The X server's, most of it the browser's drawing. */
  xPercent: number;
  pssMb: number;
  /** IP bytes from the desktop by UDP, in kbit/s; of windows of 10 s, one beginning every second. */
  wireKbps: { mean: number; p50: number; p95: number; max: number };
  packetsPerSecond: number;
  /** In the recording; null without one. */
  framesPerSecond: number | null;
  ringToFirstFrameMs: number | null;
}

/** Measures a desk for so long. */
export async function measureDesk(
  { desktop, x }: MeasuredDesk,
  meter: UdpMeter,
  seconds: number,
): Promise<Omit<DesktopCost, "what" | "codec" | "monitors" | "framesPerSecond" | "ringToFirstFrameMs">> {
  const before = await readTreeProcessor(desktop.pid);
  const xBefore = await readProcessorMs(x.pid);
  const packetsBefore = meter.packetsIn;
  const beganAt = performance.now();
  const bytes = [meter.bytesIn];
  for (let second = 1; second <= seconds; second++) {
    await sleep(Math.max(0, beganAt + second * 1_000 - performance.now()));
    bytes.push(meter.bytesIn);
  }
  const after = await readTreeProcessor(desktop.pid);
  const xAfter = await readProcessorMs(x.pid);
  const tookMs = performance.now() - beganAt;
  const percent = (ms: number) => (ms / tookMs) * 100;
  const roles = Object.keys(after) as Role[];
  const cpuByRole = Object.fromEntries(
    roles.map((role) => [role, percent(after[role] - before[role])]),
  ) as Record<Role, number>;
  return {
    seconds: tookMs / 1_000,
    cpuPercent: Object.values(cpuByRole).reduce((sum, value) => sum + value, 0),
    cpuByRole,
    xPercent: percent(xAfter - xBefore),
    pssMb: (await readTreePssBytes(desktop.pid)) / 1e6,
    wireKbps: sortOutRates(bytes),
    packetsPerSecond: ((meter.packetsIn - packetsBefore) / tookMs) * 1_000,
  };
}

/** @param bytes - all until each second. */
export function sortOutRates(bytes: readonly number[]): DesktopCost["wireKbps"] {
  const windowS = Math.min(WINDOW_S, bytes.length - 1);
  const rates = bytes
    .slice(windowS)
    .map((until, index) => ((until - (bytes[index] ?? 0)) * 8) / 1_000 / windowS)
    .sort((left, right) => left - right);
  const rank = (hundredth: number) =>
    rates[Math.max(Math.ceil((hundredth / 100) * rates.length), 1) - 1] ?? 0;
  const total = (bytes.at(-1) ?? 0) - (bytes[0] ?? 0);
  return {
    mean: (total * 8) / 1_000 / (bytes.length - 1),
    p50: rank(50),
    p95: rank(95),
    max: rates.at(-1) ?? 0,
  };
}
