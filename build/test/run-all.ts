import { describeError } from "#shared/runtime/errors.ts";
import { Stopped } from "../tool.ts";
import { addCounts, closingLine, type TestCounts } from "./counts.ts";

/**
 * Runs one stage after the other and ends with the closing line and the exit code, whatever a stage does: one that
 * throws counts as one failure, and after it (or a signal) no further one is begun.
 */
export async function runAll(stages: readonly (() => Promise<TestCounts>)[]): Promise<void> {
  let total: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  let exitCode = 1;
  try {
    for (const stage of stages) total = addCounts(total, await stage());
  } catch (error) {
    console.error(describeError(error));
    total = addCounts(total, { passed: 0, failed: 1, skipped: 0 });
    if (error instanceof Stopped) exitCode = error.exitCode;
  }
  console.log(closingLine(total));
  process.exitCode = total.failed === 0 ? 0 : exitCode;
}
