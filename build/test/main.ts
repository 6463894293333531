/** `npm test`: all checks and all tests; the last line counts them. */
import { bundleAll } from "../bundle.ts";
import { runChecks } from "../checks.ts";
import { SEED } from "./fixed-seed.ts";
import { runAll } from "./run-all.ts";
import { runPlaywright, runVitest } from "./runners.ts";

const startedAt = performance.now();
let failedChecks = 0;
await runAll([
  async () => {
    console.log("— checks");
    failedChecks = await runChecks();
    return { passed: 0, failed: failedChecks, skipped: 0 };
  },
  async () => {
    console.log(`— unit and io tests (seed of the property tests: ${SEED})`);
    await bundleAll();
    return runVitest();
  },
  async () => {
    console.log("— end-to-end tests");
    const counts = await runPlaywright();
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(`— ${seconds} s; ${failedChecks} of the checks failed`);
    return counts;
  },
]);
