/** `npm run check`: format, lint, types, dead code, architecture; `--fix` mends what can be mended by machine. */
import { parseArgs } from "node:util";
import { runChecks } from "./checks.ts";
import { Stopped } from "./tool.ts";

const { values } = parseArgs({ options: { fix: { type: "boolean", default: false } } });
try {
  const failed = await runChecks(values.fix);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  process.exitCode = error.exitCode;
}
