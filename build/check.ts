/** `npm run check`: format, lint, types, dead code, architecture; `--fix` mends what can be mended by machine. */
import { parseArgs } from "node:util";
import { runChecks } from "./checks.ts";

const { values } = parseArgs({ options: { fix: { type: "boolean", default: false } } });
const failed = await runChecks(values.fix);
process.exitCode = failed === 0 ? 0 : 1;
