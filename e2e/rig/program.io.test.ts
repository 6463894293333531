import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { REPOSITORY } from "../../build/repository.ts";

test.each([
  ["exits without disposing them", "process.exit(9)", [9, null]],
  ["is killed", 'process.kill(process.pid, "SIGKILL")', [null, "SIGKILL"]],
])("programs end with whoever started them, also when that %s", async (_, end, ended) => {
  const text = `import { startProgram } from "./e2e/rig/program.ts";
    const { pid } = await startProgram("sleeper", "sleep", ["600"]);
    process.stdout.write(String(pid), () => ${end});`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", text], {
    cwd: REPOSITORY,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let pid = "";
  owner.stdout.on("data", (chunk: Buffer) => (pid += chunk.toString()));
  expect(await once(owner, "close")).toEqual(ended);
  expect(pid).toMatch(/^\d+$/);
  await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 30_000 }).toBe(false);
});
