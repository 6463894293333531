import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chooseAutostart } from "../domain/autostart.ts";
import { keepEntryFile } from "./autostart-entry.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-autostart-"));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (wanted: boolean) => {
  const facts = { isPackaged: true, platform: "linux", program: "/opt/deskreel", args: [] };
  const step = chooseAutostart({ wanted, ...facts });
  if (step.kind !== "entry-file") throw new Error(`a file was expected, got ${step.kind}`);
  return step.content;
};

test("the entry is made with its folder, left alone while it is right, mended and removed", async () => {
  const file = join(folder, "autostart", "deskreel.desktop");
  expect(await keepEntryFile(file, entry(false))).toBe(false);
  expect(await keepEntryFile(file, entry(true))).toBe(true);
  expect(await readFile(file, "utf8")).toContain('Exec="/opt/deskreel"\n');

  const { ino } = await stat(file);
  expect(await keepEntryFile(file, entry(true))).toBe(false);
  expect((await stat(file)).ino).toBe(ino);

  await writeFile(file, "[Desktop Entry]\nHidden=true\n");
  expect(await keepEntryFile(file, entry(true))).toBe(true);
  expect(await readFile(file, "utf8")).toBe(entry(true));

  expect(await keepEntryFile(file, entry(false))).toBe(true);
  expect(await keepEntryFile(file, entry(false))).toBe(false);
  expect(await readdir(join(folder, "autostart"))).toEqual([]);
});

test("an entry that cannot be read is told, not overwritten", async () => {
  await expect(keepEntryFile(folder, entry(true))).rejects.toThrow("EISDIR");
});
