import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NoLicenseText, thirdPartyLicenses } from "./licenses.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "deskreel-licenses-"));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

test("each package that a source comes from is named once, with all of its texts", async () => {
  await write({
    "node_modules/a/package.json": '{ "name": "a", "version": "1.0.0", "license": "MIT" }',
    "node_modules/a/LICENSE.md": "the words of a\r\n",
    "node_modules/a/NOTICE": "a notice",
    "node_modules/a/node_modules/@b/c/package.json":
      '{ "name": "@b/c", "version": "2.0.0", "license": "ISC" }',
    "node_modules/a/node_modules/@b/c/licence": "the words of c",
    "node_modules/unused/package.json": '{ "name": "unused", "version": "1.0.0" }',
  });
  const text = await thirdPartyLicenses(
    [
      "apps/desktop/main.ts",
      "node_modules/a/lib/x.js",
      "node_modules/a/y.js",
      "node_modules/a/node_modules/@b/c/z.js",
    ],
    root,
  );
  const titles = [...text.matchAll(/^=+\n(.*)\n=+$/gm)].map(([, title]) => title);
  expect(titles).toEqual(["a 1.0.0 (MIT)", "@b/c 2.0.0 (ISC)"]);
  expect(text).toContain("\n\nthe words of a\n\na notice\n");
  expect(text).toContain("\n\nthe words of c\n");
});

test("a package without a text of its licence is refused", async () => {
  await write({
    "node_modules/a/package.json": '{ "name": "a", "version": "1.0.0", "license": "MIT" }',
    "node_modules/a/LICENSE": " \n",
  });
  await expect(thirdPartyLicenses(["node_modules/a/x.js"], root)).rejects.toThrow(
    new NoLicenseText("a 1.0.0 (MIT) has no text of its licence"),
  );
});
