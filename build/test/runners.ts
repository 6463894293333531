import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError } from "#shared/runtime/errors.ts";
import { Stopped, runTool } from "../tool.ts";
import {
  type PlaywrightReport,
  type TestCounts,
  countPlaywright,
  countVitest,
  type VitestReport,
} from "./counts.ts";

/** Runs the vitest projects `unit` and `io`; its own output passes through. */
export function runVitest(): Promise<TestCounts> {
  return runCounted("vitest", (report) => ({
    args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    env: {},
    count: (json) => countVitest(json as VitestReport),
  }));
}

/** Runs the Playwright specs in e2e/; its own output passes through. */
export function runPlaywright(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<TestCounts> {
  return runCounted("playwright", (report) => ({
    args: ["test", "--config=e2e/playwright.config.ts", "--reporter=list,json", ...args],
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    count: (json) => countPlaywright(json as PlaywrightReport),
  }));
}

interface Runner {
  args: string[];
  env: NodeJS.ProcessEnv;
  count: (report: unknown) => TestCounts;
}

/**
 * A runner that dies, reports nothing or runs no test at all counts as one failure, never as success.
 *
 * @throws Stopped when a signal came.
 */
async function runCounted(tool: string, plan: (report: string) => Runner): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-report-"));
  try {
    const report = join(folder, "report.json");
    const { args, env, count } = plan(report);
    const code = await runTool(tool, args, { env });
    const counts = count(JSON.parse(await readFile(report, "utf8")));
    if (counts.passed + counts.failed === 0) throw new Error(`${tool} ran no test`);
    if (code !== 0 && counts.failed === 0)
      throw new Error(`${tool} ended with ${code} though no test failed`);
    return counts;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    console.error(`${tool} gave no usable result: ${describeError(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
