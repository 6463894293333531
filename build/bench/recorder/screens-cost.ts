import type { Latencies } from "../latencies.ts";
import type { FeederLook } from "./feeder-protocol.ts";
import type { LoopDelay } from "./hook-options.ts";

/** What one process took in the measured time. */
export interface ProcessCost {
  processor: number;
  /** At its end. */
  pssBytes: number;
}

/** What so many screens cost whoever recorded them. */
export interface ScreensCost {
  /** Who recorded: `recorder`, `ffmpeg`, …; and how. */
  way: string;
  screens: number;
  codec: string;
  /** Measured time. */
  seconds: number;
  /** Processor seconds and memory by kind of process. */
  processes: Record<string, ProcessCost>;
  /** Packets and payload that came in the measured time, per screen. */
  packetsPerSecond: number;
  kbitPerSecond: number;
  /** Whole pictures sent in the whole run, and how many of them are in no file. */
  picturesSent: number;
  picturesLost: number;
  /** Packets that were missed at first and asked for again. */
  packetsRepeated: number;
  /** Null: where nobody could be asked. */
  loop: LoopDelay | null;
  written: Latencies | null;
  durable: Latencies | null;
  /** By how much the sender was late, which makes bursts. */
  feederLatenessP99Ms: number;
}

/** Processor seconds per second of all processes: cores taken. */
export function coresOf(cost: ScreensCost): number {
  const processor = Object.values(cost.processes).reduce((sum, process) => sum + process.processor, 0);
  return processor / cost.seconds;
}

/** Memory of all processes. */
export function pssOf(cost: ScreensCost): number {
  return Object.values(cost.processes).reduce((sum, process) => sum + process.pssBytes, 0);
}

/** Bytes for each further screen, by least squares over runs with different numbers of them; null with fewer than two. */
export function pssSlope(costs: readonly ScreensCost[]): number | null {
  const points = costs.map((cost) => ({ x: cost.screens, y: pssOf(cost) }));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (points.length < 2 || spread === 0) return null;
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** What came in between two looks, per screen. */
export function trafficBetween(
  before: FeederLook,
  after: FeederLook,
  seconds: number,
): Pick<ScreensCost, "packetsPerSecond" | "kbitPerSecond"> {
  const total = (look: FeederLook, what: "packets" | "bytes") =>
    look.screens.reduce((sum, screen) => sum + screen[what], 0);
  const each = (what: "packets" | "bytes") =>
    (total(after, what) - total(before, what)) / seconds / after.screens.length;
  return { packetsPerSecond: each("packets"), kbitPerSecond: (each("bytes") * 8) / 1_000 };
}
