/** `npm run e2e [-- filter]`: the end-to-end tests alone. */
import { bundleAll } from "../bundle.ts";
import { closingLine } from "./counts.ts";
import { runPlaywright } from "./runners.ts";

await bundleAll();
const counts = await runPlaywright(process.argv.slice(2));
console.log(closingLine(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;
