import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokensFile, readToken } from "./tokens-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskreel-tokens-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the first start makes one secret per name, readable by the owner only", async () => {
  const path = join(folder, "deep/tokens.json");
  const tokens = await openTokensFile(path, ["admin", "viewer"]);
  expect(Object.keys(tokens)).toEqual(["admin", "viewer"]);
  expect(tokens.admin).not.toBe(tokens.viewer);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("later starts keep the secrets and make only what is missing", async () => {
  const path = join(folder, "tokens.json");
  const first = await openTokensFile(path, ["admin"]);
  const second = await openTokensFile(path, ["admin", "viewer"]);
  expect(second.admin).toBe(first.admin);
  expect(await readToken(path, "viewer")).toBe(second.viewer);
});

test.each([
  ["not JSON", "{", "is not valid JSON"],
  ["a list", "[]", "must be a JSON object"],
  ["a short token", '{"admin":"x"}', "admin must be a string of at least 16 characters"],
])("a file with %s is refused and stays as it is", async (_, text, message) => {
  const path = join(folder, "tokens.json");
  writeFileSync(path, text);
  await expect(openTokensFile(path, ["admin"])).rejects.toThrow(message);
  expect(statSync(path).size).toBe(text.length);
});

test("a secret that is not there names the file and the key", async () => {
  await expect(readToken(join(folder, "none.json"), "adapter")).rejects.toThrow(
    'none.json has no key "adapter"',
  );
});
