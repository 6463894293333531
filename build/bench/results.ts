import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "../repository.ts";
import type { Latencies } from "./latencies.ts";
import type { Machine } from "./machine.ts";

/** One line of a benchmark's result. */
export interface Measured extends Latencies {
  what: string;
  /** Of so many requests a second; null: where that says nothing. */
  perSecond: number | null;
  /** What each took of the recorder's processor time, in milliseconds, which other load does not change much. */
  processorMsEach: number | null;
  /** What is promised; null: nothing. */
  promise: string | null;
}

export interface BenchResult {
  part: string;
  machine: Machine;
  /** What it was run on, e.g. how many recordings there were. */
  conditions: Record<string, number | string>;
  measured: Measured[];
}

const COLUMNS = ["p50", "p95", "p99", "max", "1/s", "CPU each"] as const;

/** The result as text, one line for each thing measured; times in milliseconds. */
export function describeResult({ part, machine, conditions, measured }: BenchResult): string {
  const width = Math.max(...measured.map(({ what }) => what.length));
  const line = (what: string, cells: readonly string[], rest: string) =>
    `${what.padEnd(width)}  ${cells.map((cell) => cell.padStart(9)).join("")}  ${rest}`.trimEnd();
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  return [
    `${part}: ${facts.join(", ")}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, fdatasync p50 ${machine.fdatasyncMs} ms`,
    line("", COLUMNS, ""),
    ...measured.map((row) => {
      const rounded = [row.p50Ms, row.p95Ms, row.p99Ms, row.maxMs].map((ms) => ms.toFixed(1));
      const cells = [...rounded, row.perSecond?.toFixed(0) ?? "", row.processorMsEach?.toFixed(2) ?? ""];
      return line(row.what, cells, row.promise ?? "");
    }),
  ].join("\n");
}

/** Where results are kept; not part of the repository. */
export const RESULTS_FOLDER = join(REPOSITORY, "bench-results");

/** Any part's result. */
export interface KeptResult {
  part: string;
}

/** Writes the result into {@link RESULTS_FOLDER}; returns the file's path. */
export async function keepResult(result: KeptResult, at: Date): Promise<string> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const file = join(RESULTS_FOLDER, `${result.part}-${at.toISOString().replaceAll(/[:.]/g, "-")}.json`);
  await writeFile(file, `${JSON.stringify({ at: at.toISOString(), ...result }, null, 2)}\n`);
  return file;
}
