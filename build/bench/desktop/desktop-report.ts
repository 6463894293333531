import type { DesktopResult } from "./desktop-bench.ts";
import type { DesktopCost } from "./desktop-cost.ts";

const COLUMNS = [
  "what",
  "codec",
  "monitors",
  "CPU %",
  "main+page+gpu+network+other",
  "X %",
  "PSS MB",
  "wire kbit/s mean/p50/p95/max",
  "packets/s",
  "frames/s",
  "first frame ms",
];

/** The result for people: one line for each situation, then the goals. */
export function describeDesktopResult({ machine, conditions, costs, goals }: DesktopResult): string {
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  const rows = [COLUMNS, ...costs.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return [
    `desktop: ${facts.join(", ")}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB`,
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    ),
    "CPU of one core, all the app's processes; wire = IP bytes by UDP from the desktop, over windows of 10 s",
    "",
    ...goals.map(({ goal, found, isMet }) => `${isMet ? "met" : "MISSED"}\t${goal}: ${found}`),
  ].join("\n");
}

function cellsOf(cost: DesktopCost): string[] {
  const { main, page, gpu, network, other } = cost.cpuByRole;
  const { mean, p50, p95, max } = cost.wireKbps;
  return [
    cost.what,
    cost.codec,
    String(cost.monitors),
    cost.cpuPercent.toFixed(2),
    [main, page, gpu, network, other].map((percent) => percent.toFixed(2)).join("+"),
    cost.xPercent.toFixed(1),
    cost.pssMb.toFixed(0),
    [mean, p50, p95, max].map((rate) => rate.toFixed(0)).join("/"),
    cost.packetsPerSecond.toFixed(1),
    cost.framesPerSecond?.toFixed(2) ?? "",
    cost.ringToFirstFrameMs?.toFixed(0) ?? "",
  ];
}
