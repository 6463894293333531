import { bundleAll } from "../../build/bundle.ts";
import type { TestCounts } from "../../build/test/counts.ts";
import { runPlaywright } from "../../build/test/runners.ts";

export interface BudgetsResult {
  startedAt: number;
  tests: TestCounts;
  faults: readonly string[];
}

/** `budget.spec.ts` with the whole way back to normal, which takes minutes; what Playwright says passes through. */
export async function soakBudgets(): Promise<BudgetsResult> {
  const startedAt = Date.now();
  await bundleAll();
  const tests = await runPlaywright(["budget.spec.ts"], { DESKREEL_ALL_RUNS: "1" });
  return { startedAt, tests, faults: tests.failed > 0 ? [`${tests.failed} tests failed, see above`] : [] };
}
