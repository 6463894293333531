import { spawn } from "node:child_process";
import { REPOSITORY, toolPath } from "./repository.ts";

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
 */
export async function runChecks(fix = false): Promise<number> {
  let failed = 0;
  for (const { name, command } of checks(fix)) {
    const [tool = "", ...args] = command;
    const { code, output } = await runTool(tool, args);
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
    if (code !== 0) {
      failed += 1;
      console.log(`${output.trimEnd()}\n     again: npx ${command.join(" ")}`);
    }
  }
  return failed;
}

function runTool(tool: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(toolPath(tool), args, { cwd: REPOSITORY, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", (error) =>
      resolve({ code: 1, output: `${tool} cannot be started: ${error.message}` }),
    );
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
