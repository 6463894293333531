/** `npm test`: all checks and all tests; the last line counts them. */
import { bundleAll } from "../bundle.ts";
import { runChecks } from "../checks.ts";
import { addCounts, closingLine } from "./counts.ts";
import { SEED } from "./fixed-seed.ts";
import { runPlaywright, runVitest } from "./runners.ts";

const startedAt = performance.now();
console.log("— checks");
const failedChecks = await runChecks();
console.log(`— unit and io tests (seed of the property tests: ${SEED})`);
await bundleAll();
const tests = await runVitest();
console.log("— end-to-end tests");
const total = addCounts(tests, await runPlaywright());
const failed = total.failed + failedChecks;
console.log(
  `— ${Math.round((performance.now() - startedAt) / 1_000)} s; ${failedChecks} of the checks failed`,
);
console.log(closingLine({ ...total, failed }));
process.exitCode = failed === 0 ? 0 : 1;
