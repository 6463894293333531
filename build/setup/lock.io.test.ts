import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./lock.mjs";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "deskreel-lock-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("two set-ups do their work one after the other, and the second is told whom it waits for", async () => {
  const file = path.join(root, "lock");
  const events: string[] = [];
  const first = withLock(
    file,
    () => undefined,
    async () => {
      await expect.poll(() => events).toEqual([`waiting for ${process.pid}`]);
      events.push("first");
    },
  );
  await expect.poll(() => readdir(root)).toEqual(["lock"]);
  const second = withLock(
    file,
    (holder) => events.push(`waiting for ${holder}`),
    async () => events.push("second"),
  );
  await Promise.all([first, second]);
  expect(events).toEqual([`waiting for ${process.pid}`, "first", "second"]);
  expect(await readdir(root)).toEqual([]);
});

test("the lock of a process that is gone is taken over, by one of those who want it at a time", async () => {
  const gone = spawn("true");
  await once(gone, "close");
  const file = path.join(root, "lock");
  await writeFile(file, String(gone.pid));
  let inside = 0;
  let most = 0;
  const enter = () =>
    withLock(
      file,
      () => undefined,
      async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      },
    );
  await Promise.all([enter(), enter(), enter()]);
  expect(most).toBe(1);
  expect(await readdir(root)).toEqual([]);
});

test("the lock is given back when the work fails", async () => {
  const file = path.join(root, "lock");
  await expect(
    withLock(
      file,
      () => undefined,
      () => Promise.reject(new Error("no network")),
    ),
  ).rejects.toThrow("no network");
  expect(await readdir(root)).toEqual([]);
});

test("a cache folder that cannot be written is named, with what to do", async () => {
  const file = path.join(import.meta.filename, "cache", "lock");
  await expect(
    withLock(
      file,
      () => {},
      async () => {},
    ),
  ).rejects.toMatchObject({
    name: "SetupError",
    nextStep: expect.stringContaining("DESKREEL_CACHE"),
  });
});
