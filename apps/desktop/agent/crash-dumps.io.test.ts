import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pruneCrashDumps } from "./crash-dumps.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-dumps-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("the newest dumps stay, wherever they lie, and others go with what belongs to them", async () => {
  const folder = await newFolder();
  const files = ["pending/a.dmp", "pending/a.meta", "completed/b.dmp", "pending/c.dmp", "pending/c.meta"];
  for (const [index, file] of [...files, "settings.dat"].entries()) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), "");
    await utimes(join(folder, file), 1_000 + index, 1_000 + index);
  }
  const kept = ["pending/c.dmp", "completed/b.dmp"].map((file) => join(folder, file));
  expect(await pruneCrashDumps(folder, 2)).toEqual(kept);
  const left = await readdir(folder, { recursive: true });
  expect(left.sort()).toEqual(
    ["completed", "completed/b.dmp", "pending", "pending/c.dmp", "pending/c.meta", "settings.dat"].sort(),
  );
});

test("where nothing has crashed there is nothing to do", async () => {
  expect(await pruneCrashDumps(join(await newFolder(), "missing"), 2)).toEqual([]);
});
