import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";

const FOREGROUND = path.join(import.meta.dirname, "foreground.mjs");
/** Says what signals it gets, and ends with 7 a while after the first. */
const PROGRAM = `
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => {
    process.stdout.write(name + "\\n");
    setTimeout(() => process.exit(7), 500);
  });
  process.stdout.write("ready\\n");
  setInterval(() => {}, 1_000);`;

function start(program: string) {
  const run = `import { runInForeground } from ${JSON.stringify(FOREGROUND)};
    await runInForeground(process.execPath, ["-e", ${JSON.stringify(program)}], process.env);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", run], {
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, as a shell makes one.
    detached: true,
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, "close");
  return { child, ended, said: () => said };
}

test("a signal to the whole group, with a second one from npm, reaches the program once", async () => {
  const { child, ended, said } = start(PROGRAM);
  await expect.poll(said).toBe("ready\n");
  process.kill(-(child.pid ?? 0), "SIGINT");
  child.kill("SIGINT");
  expect(await ended).toEqual([7, null]);
  expect(said()).toBe("ready\nSIGINT\n");
});

test("the exit code is that of the program", async () => {
  expect(await start("process.exit(3)").ended).toEqual([3, null]);
});

test("a program that a signal ended ends its starter by the same signal", async () => {
  const { child, ended, said } = start('process.stdout.write("ready\\n"); setInterval(() => {}, 1_000)');
  await expect.poll(said).toBe("ready\n");
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
});
