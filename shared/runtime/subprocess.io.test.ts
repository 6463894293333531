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

test("an abort ends the program before the promise settles", async () => {
  const controller = new AbortController();
  const running = run("sleep", ["60"], { signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toThrow("sleep was stopped");
});
