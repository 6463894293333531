import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { run } from "./subprocess.ts";

test("a program's output is returned", async () => {
  expect((await run("printf", ["hello"])).toString()).toBe("hello");
});

test("a failure names the program, its exit code and what it said", async () => {
  await expect(run("sh", ["-c", "echo why >&2; exit 3"])).rejects.toMatchObject({
    code: "SUBPROCESS_FAILED",
    exitCode: 3,
    message: "sh ended with 3: why",
  });
});

test("a program that is not there is a clear failure", async () => {
  await expect(run("no-such-program", [])).rejects.toThrow("no-such-program could not be started");
});

test("a program that is to die with us is gone when we were killed", async () => {
  const script = `
    import { run } from ${JSON.stringify(import.meta.resolve("./subprocess.ts"))};
    void run("sh", ["-c", "echo $$; exec sleep 60"], { diesWithUs: true, onStdout: (pid) => process.stdout.write(pid) });`;
  const us = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = (await once(us.stdout, "data")) as [Buffer];
  const isThere = () => existsSync(`/proc/${Number(pid.toString())}`);
  expect(isThere()).toBe(true);
  us.kill("SIGKILL");
  await expect.poll(isThere).toBe(false);
});

test("a program that is to die with us and is not there could not be started", async () => {
  await expect(run("no-such-program", [], { diesWithUs: true })).rejects.toMatchObject({
    exitCode: null,
    message: expect.stringContaining("no-such-program could not be started") as string,
  });
});

test("an abort ends the program before the promise settles", async () => {
  const controller = new AbortController();
  const running = run("sleep", ["60"], { signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toThrow("sleep was stopped");
});

test("a program that takes longer than it may is stopped, and says so", async () => {
  await expect(run("sleep", ["60"], { limitMs: 50 })).rejects.toMatchObject({
    exitCode: null,
    message: "sleep was stopped after 50 ms",
  });
});

test("a program can be given less of the processor than we have", async () => {
  const own = Number(await run("nice", []));
  // Told by the program itself, which begins before it can be told: it waits a moment.
  const its = Number(await run("sh", ["-c", "sleep 0.5; nice"], { niceness: Math.min(19, own + 7) }));
  expect(its).toBe(Math.min(19, own + 7));
});
