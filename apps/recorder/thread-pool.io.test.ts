import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "#shared/runtime/subprocess.ts";

/** How many threads a process has more after it gave its pool a lot to do, having imported this first. */
async function poolThreads(imports: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const script = `
    ${imports.map((path) => `import ${JSON.stringify(join(import.meta.dirname, path))};`).join("\n")}
    import { readdirSync } from "node:fs";
    import { pbkdf2 } from "node:crypto";
    import { promisify } from "node:util";
    const before = readdirSync("/proc/self/task").length;
    const work = Array.from({ length: 40 }, () => promisify(pbkdf2)("", "", 20_000, 64, "sha512"));
    await work[0];
    console.log(readdirSync("/proc/self/task").length - before);
    await Promise.all(work);`;
  const args = ["--input-type=module", "--eval", script];
  const counted = await run("env", [
    "-u",
    "UV_THREADPOOL_SIZE",
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    process.execPath,
    ...args,
  ]);
  return Number(counted.toString());
}

test("the recorder's process has sixteen threads for its files, though its whole program is imported with it", async () => {
  const others = await poolThreads([]);
  expect(await poolThreads(["thread-pool.ts", "recorder.ts"])).toBe(others + 12);
});

test("who sets another number has it", async () => {
  const others = await poolThreads([]);
  expect(await poolThreads(["thread-pool.ts"], { UV_THREADPOOL_SIZE: "6" })).toBe(others + 2);
});
