import { mkdtemp, readFile, rm } from "node:fs/promises";
import { globSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countVitest, type TestCounts, type VitestReport } from "../../build/test/counts.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { runTool } from "../../build/tool.ts";

export interface PropertiesResult {
  startedAt: number;
  seed: number;
  files: readonly string[];
  tests: TestCounts;
  faults: readonly string[];
}

/** Tries every property of which `npm test` tries a tenth on all of its cases; what vitest says passes through. */
export async function soakProperties(seed: number): Promise<PropertiesResult> {
  const startedAt = Date.now();
  const files = globSync("{apps,e2e}/**/*.test.ts", { cwd: REPOSITORY })
    .filter((file) => readFileSync(join(REPOSITORY, file), "utf8").includes('/property-runs.ts"'))
    .toSorted();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-properties-"));
  try {
    const report = join(folder, "report.json");
    const code = await runTool(
      "vitest",
      [
        "run",
        "--testTimeout=3600000",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        ...files,
      ],
      { env: { DESKREEL_ALL_RUNS: "1", DESKREEL_SEED: String(seed) } },
    );
    const json = JSON.parse(await readFile(report, "utf8")) as VitestReport;
    const tests = countVitest(json);
    const faults = [
      ...(tests.failed > 0 ? [`${tests.failed} tests failed, see above`] : []),
      ...(tests.passed === 0 || (code !== 0 && tests.failed === 0) ? [`vitest ended with ${code}`] : []),
    ];
    return { startedAt, seed, files, tests, faults };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function describeProperties({ files, tests, faults }: PropertiesResult): string {
  const all = `${tests.passed} tests passed, ${tests.failed} failed, in ${files.length} files, with all cases of their properties`;
  return [all, ...faults].join("\n");
}
