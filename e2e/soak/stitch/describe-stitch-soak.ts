import type { StitchSoakResult } from "./soak-stitch.ts";

/** The result for people: a table, and a line for each thing that is wrong. */
export function describeStitchSoak(result: StitchSoakResult): string {
  const { options, blows, calls, versions, halfMade, failures, verifications, skipped, faults } = result;
  const rows: [string, string][] = [
    [
      "kills",
      `${blows.kill} in ${Math.round(result.tookMs / 1_000)} s, ${halfMade} with a version half made`,
    ],
    ["ffmpeg killed", `${blows.ffmpeg} times`],
    ["disk full", `${blows.disk} times`],
    ["calls", `${calls}, in ${versions} versions; ${failures} tries failed and were made again`],
    ["verified", `${verifications} times`],
    ...skipped.map((what): [string, string] => ["skipped", what]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const verdict = faults.length === 0 ? "nothing is wrong" : `${faults.length} things are wrong`;
  return [
    `soak of stitching, seed ${options.seed}: ${verdict}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(faults.length === 0 ? [] : ["", ...faults]),
  ].join("\n");
}
