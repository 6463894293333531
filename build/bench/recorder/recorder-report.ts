import type { Latencies } from "../latencies.ts";
import type { Machine } from "../machine.ts";
import type { FirstFrames } from "./first-frames.ts";
import type { Goal } from "./judge-recorder.ts";
import { coresOf, pssOf, type ScreensCost } from "./screens-cost.ts";

/** Everything that one run of the benchmark found. */
export interface RecorderResult {
  part: "recorder";
  machine: Machine;
  conditions: Record<string, number | string>;
  costs: ScreensCost[];
  firstFrames: FirstFrames[];
  goals: Goal[];
  /** What could not be measured here, and how it can be. */
  skipped: string[];
  /** What went wrong, by stage. */
  failed: string[];
}

const COLUMNS = [
  "way",
  "codec",
  "screens",
  "kbit/s",
  "cores",
  "screens/core",
  "CPU s",
  "MB",
  "loop p99",
  "written p50/p99",
  "durable p50/p99",
  "lost",
];
const MEGABYTE = 1e6;

/** The result for people: one line for each run, then the goals. */
export function describeRecorderResult(result: RecorderResult): string {
  const { machine, conditions, costs, goals, skipped, failed } = result;
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  const rows = [COLUMNS, ...costs.map(cellsOf)];
  return [
    `recorder: ${facts.join(", ")}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, fdatasync p50 ${machine.fdatasyncMs} ms`,
    ...inColumns(rows),
    "kbit/s of each screen; CPU s and MB (PSS) of each kind of process in the measured time; times in ms, from a picture's last packet",
    "",
    ...goals.map(
      ({ goal, found, isMet }) => `${isMet === null ? "-" : isMet ? "met" : "MISSED"}\t${goal}: ${found}`,
    ),
    ...skipped.map((what) => `skipped\t${what}`),
    ...failed.map((what) => `FAILED\t${what}`),
  ].join("\n");
}

function cellsOf(cost: ScreensCost): string[] {
  const { processes, loop } = cost;
  const each = (tell: (process: { processor: number; pssBytes: number }) => string) =>
    Object.entries(processes)
      .map(([name, process]) => `${name} ${tell(process)}`)
      .join(" + ");
  const cores = coresOf(cost);
  return [
    cost.way,
    cost.codec,
    String(cost.screens),
    cost.kbitPerSecond.toFixed(0),
    cores.toFixed(3),
    (cost.screens / cores).toFixed(0),
    each(({ processor }) => processor.toFixed(2)),
    (pssOf(cost) / MEGABYTE).toFixed(0),
    loop === null ? "" : loop.p99Ms.toFixed(1),
    delay(cost.written),
    delay(cost.durable),
    `${cost.picturesLost}/${cost.picturesSent}`,
  ];
}

function delay(latencies: Latencies | null): string {
  return latencies === null ? "" : `${latencies.p50Ms.toFixed(0)}/${latencies.p99Ms.toFixed(0)}`;
}

function inColumns(rows: readonly string[][]): string[] {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
