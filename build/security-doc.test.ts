/** What docs/SECURITY.md says of the code is there. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "./repository.ts";

const PLACE = /`((?:apps|shared|build|e2e)\/[\w./-]+|package\.json)(?:#([\w-]+))?`/g;
const document = readFileSync(join(REPOSITORY, "docs/SECURITY.md"), "utf8");

/** Of the places that a text names (`file` or `file#symbol`), those that are not there. */
function missingPlaces(text: string): string[] {
  return [...text.matchAll(PLACE)].flatMap(([place, file = "", symbol = ""]) => {
    const found = globSync(file, { cwd: REPOSITORY });
    return found.length === 1 && readFileSync(join(REPOSITORY, file), "utf8").includes(symbol) ? [] : [place];
  });
}

test("every file that it names is there, with the symbol named", () => {
  expect(missingPlaces(document)).toEqual([]);
  expect([...document.matchAll(PLACE)].length).toBeGreaterThan(40);
});

test("a place that is not there would be found", () => {
  const text = "`package.json#electron`, `package.json#elektron` and `apps/nowhere.ts`";
  expect(missingPlaces(text)).toEqual(["`package.json#elektron`", "`apps/nowhere.ts`"]);
});

test("each of the twenty points of Electron's checklist has a place in the code and a test", () => {
  const rows = [...document.matchAll(/^\| (\d+) .*$/gm)].map(([row, number]) => {
    const cells = row.split(" | ").map((cell) => [...cell.matchAll(PLACE)].map(([, file = ""]) => file));
    const isTest = (file: string) => /\.(test|spec)\.ts$/.test(file);
    const [places = [], tests = []] = cells.slice(-2);
    const isWhole = places.length > 0 && tests.length > 0 && !places.some(isTest) && tests.every(isTest);
    return { number: Number(number), isWhole };
  });
  expect(rows).toEqual(Array.from({ length: 20 }, (_, index) => ({ number: index + 1, isWhole: true })));
});

test("what the checklist forbids by name is nowhere in the desktop app", () => {
  const forbidden =
    /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|allowpopups|nodeIntegration: true|contextIsolation: false|sandbox: false/;
  const files = globSync("apps/desktop/**/*.{ts,html}", { cwd: REPOSITORY });
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => forbidden.test(readFileSync(join(REPOSITORY, file), "utf8")))).toEqual([]);
});
