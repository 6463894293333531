import type { Codec } from "#shared/api/recording.ts";
import type { Machine } from "../machine.ts";
import type { ArchivedCall } from "./archive-long-call.ts";

/** A call that was stitched and archived. */
export interface StitchedCall extends ArchivedCall {
  codec: Codec;
  minutes: number;
  /** Of all processes together, at its highest of those moments that were looked at. */
  peakRssBytes: number;
  /** What it cannot have exceeded between them: each process at its own highest. */
  peakAtMostBytes: number;
}

/** Everything that one run of the benchmark found. */
export interface AdapterResult {
  part: "adapter";
  machine: Machine;
  conditions: Record<string, number | string>;
  calls: StitchedCall[];
}

/** Goals by a call's minutes, in seconds. */
const GOALS_S: Readonly<Record<number, number>> = { 10: 3, 60: 15 };
const PEAK_GOAL_MB = 300;
const COLUMNS = [
  "codec",
  "minutes",
  "screens",
  "MB",
  "seconds",
  "x real time",
  "CPU s",
  "peak MB",
  "at most",
  "goal",
];
const MEGABYTE = 1e6;

/** The result for people. */
export function describeAdapterResult({ machine, conditions, calls }: AdapterResult): string {
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  const rows = [
    COLUMNS,
    ...calls.map(({ codec, minutes, screens, bytes, tookMs, processorMs, peakRssBytes, peakAtMostBytes }) => {
      const goalS = GOALS_S[minutes] ?? Number.POSITIVE_INFINITY;
      const isMet = tookMs <= goalS * 1_000 && peakRssBytes <= PEAK_GOAL_MB * MEGABYTE;
      return [
        ...[codec, String(minutes), String(screens), (bytes / MEGABYTE).toFixed(0)],
        ...[(tookMs / 1_000).toFixed(1), ((minutes * 60_000) / tookMs).toFixed(0)],
        (processorMs / 1_000).toFixed(1),
        ...[peakRssBytes, peakAtMostBytes].map((most) => (most / MEGABYTE).toFixed(0)),
        `<= ${goalS} s, <= ${PEAK_GOAL_MB} MB: ${isMet ? "met" : "MISSED"}`,
      ];
    }),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    `adapter: ${facts.join(", ")}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, fdatasync p50 ${machine.fdatasyncMs} ms`,
    ...rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")),
  ].join("\n");
}
