import { describeError } from "#shared/runtime/errors.ts";
import { Stopped, runTool } from "./tool.ts";

const SOURCES = ["apps", "shared", "build", "e2e"];

interface Check {
  name: string;
  command: readonly string[];
}

function checks(fix: boolean): Check[] {
  return [
    { name: "format", command: ["biome", "format", ...(fix ? ["--write"] : []), "."] },
    {
      name: "lint",
      command: ["oxlint", "--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : []), ...SOURCES],
    },
    { name: "types of the programs", command: ["tsc", "-p", "tsconfig.json"] },
    { name: "types of the pages", command: ["tsc", "-p", "tsconfig.web.json"] },
    { name: "dead code", command: ["knip"] },
    { name: "architecture", command: ["vitest", "run", "--project", "unit", "build/architecture.test.ts"] },
  ];
}

/**
 * Runs every static check, one line each; a failed one shows what its tool said.
 *
 * @returns how many failed.
 * @throws Stopped when a signal came.
 */
export async function runChecks(fix = false): Promise<number> {
  let failed = 0;
  for (const { name, command } of checks(fix)) {
    const [tool = "", ...args] = command;
    let output = "";
    const code = await runTool(tool, args, { onOutput: (text) => (output += text) }).catch(
      (error: unknown) => {
        if (error instanceof Stopped) throw error;
        output += describeError(error);
        return 1;
      },
    );
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
    if (code !== 0) {
      failed += 1;
      console.log(`${output.trimEnd()}\n     again: npx ${command.join(" ")}`);
    }
  }
  return failed;
}
