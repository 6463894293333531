import type { MediaSoakResult } from "./soak-media.ts";

/** The result for people: a table, and a line for each thing that is wrong. */
export function describeMediaSoak(result: MediaSoakResult): string {
  const { options, kills, frames, recovery, faults } = result;
  const losses = result.runs.flatMap(({ lost }) => Object.values(lost).map(({ lostMs }) => lostMs));
  const sorted = losses.toSorted((left, right) => left - right);
  const rows: [string, string][] = [
    ["kills", `${kills.all} in ${Math.round(result.tookMs / 1_000)} s, ${kills.early} while it started`],
    ["streams", `${options.displays}, ${frames.handedIn} frames handed in`],
    [
      "lost by a kill",
      `at most ${result.worstLossMs} ms of a stream, ${sorted[sorted.length >> 1] ?? 0} ms at the median; ${frames.lost} frames`,
    ],
    ["segments", `${result.segments}, ${recovery.recovered} of them recovered; ${result.decoded} decoded`],
    [
      "recoveries",
      `${recovery.damaged} with damage, ${recovery.lost} without a picture, ${recovery.failed} failed`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const verdict = faults.length === 0 ? "nothing is wrong" : `${faults.length} things are wrong`;
  return [
    `soak of media, seed ${options.seed}: ${verdict}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(faults.length === 0 ? [] : ["", ...faults]),
  ].join("\n");
}
