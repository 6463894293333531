/** `npm run e2e [-- filter]`: the end-to-end tests alone. */
import { bundleAll } from "../bundle.ts";
import { runAll } from "./run-all.ts";
import { runPlaywright } from "./runners.ts";

await runAll([
  async () => {
    await bundleAll();
    return runPlaywright(process.argv.slice(2));
  },
]);
