import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REPOSITORY } from "../repository.ts";

/** Runs a module's text as a program of this project. */
function runModule(text: string) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], {
    cwd: REPOSITORY,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, ended: once(child, "close") as Promise<[number | null]> };
}

const PATIENCE = { timeout: 30_000 };
const RUN_ALL = 'import { runAll } from "./build/test/run-all.ts";';

test("a stage that throws is one failure, ends the run, and the closing line is the last", async () => {
  const program = runModule(`${RUN_ALL}
    await runAll([
      async () => ({ passed: 3, failed: 0, skipped: 0 }),
      async () => { throw new Error("esbuild is broken"); },
      async () => { console.log("not reached"); return { passed: 1, failed: 0, skipped: 0 }; },
    ]);`);
  expect(await program.ended).toEqual([1, null]);
  expect(program.output()).toBe("3 passed, 1 failed\n");
});

test("a signal ends the tool that runs, and the closing line is the last", async () => {
  const program = runModule(`${RUN_ALL}
    import { runTool } from "./build/tool.ts";
    await runAll([
      async () => {
        const onOutput = (text) => process.stdout.write(text);
        await runTool("vitest", ["--watch", "--project", "unit", "shared/time/rfc3339.test.ts"], { onOutput });
        return { passed: 1, failed: 0, skipped: 0 };
      },
    ]);`);
  await expect.poll(program.output, PATIENCE).toContain("Waiting for file changes");
  const { pid = 0 } = program.child;
  const tools = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  expect(tools).toHaveLength(1);
  program.child.kill("SIGINT");
  expect(await program.ended).toEqual([130, null]);
  expect(program.output().trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed");
  await expect.poll(() => existsSync(`/proc/${tools[0]}`), PATIENCE).toBe(false);
});
