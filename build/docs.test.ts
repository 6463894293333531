/** The documents tell the truth where a machine can see it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { ROW_TABLES } from "../apps/recorder/dynamics/row-schemas.ts";
import { wantedRows } from "../apps/recorder/dynamics/registration/wanted-rows.ts";
import { REPOSITORY } from "./repository.ts";

const read = (name: string) => readFileSync(join(REPOSITORY, name), "utf8");

/** Every key of a configuration, as `a.b.c`; lists count as one key. */
function keysOf(tree: object, above = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? keysOf(value, `${above}${key}.`)
      : [`${above}${key}`],
  );
}

const environment = {};

test("docs/CONFIG.md names every key of the configuration", () => {
  const dynamics =
    "url authority tenantId clientId clientSecretFile events eventsPollEveryS reconcileS recordingsPollEveryS";
  const keys = [
    ...keysOf(loadConfig(undefined, environment, "/nowhere")),
    ...dynamics.split(" ").map((key) => `dynamics.${key}`),
  ];
  const documented = read("docs/CONFIG.md");
  expect(keys.filter((key) => !documented.includes(`\`${key}\``))).toEqual([]);
});

test("deskreel.example.yaml has every key at its default", () => {
  const example = loadConfig(join(REPOSITORY, "deskreel.example.yaml"), environment, REPOSITORY);
  expect(example).toEqual(loadConfig(undefined, environment, join(REPOSITORY)));
});

test("docs/DYNAMICS-SETUP.md names every table that is read, every step, and the columns whose change is posted", () => {
  const ids = { message: (message: string) => message, filter: (_: string, table: string) => table };
  const { children: steps } = wantedRows({ name: "Deskreel", url: "https://x.example" }, "a key", ids);
  const names = [
    ...Object.values(ROW_TABLES).map(({ logicalName }) => logicalName),
    ...steps.flatMap(({ lookups, values }) => [
      lookups["sdkmessagefilterid"]?.id ?? "no table",
      ...String(values["filteringattributes"] ?? "serviceendpoint").split(","),
    ]),
  ];
  const documented = read("docs/DYNAMICS-SETUP.md");
  expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  expect(documented).toContain(steps.length === 10 ? "ten **steps**" : `${steps.length} **steps**`);
});

test("docs/QA.md has a chapter for each fixture, and a row for each tag", () => {
  const kit = /interface Fixtures \{\n([\s\S]*?)\n\}/.exec(read("e2e/fixtures/test.ts"))?.[1] ?? "";
  const fixtures = [...kit.matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name);
  const documented = read("docs/QA.md");
  const chapters = [...documented.matchAll(/^### `(\w+)`$/gm)].map(([, name = ""]) => name);
  expect(chapters.toSorted()).toEqual(fixtures.toSorted());
  const specs = globSync("e2e/specs/*.spec.ts", { cwd: REPOSITORY }).map(read).join("\n");
  const tags = [...specs.matchAll(/^ *test\(["`].*["`], async/gm)].flatMap(
    ([title]) => title.match(/ @[a-z]+/g) ?? [],
  );
  const rows = [...documented.matchAll(/^\| `(@\w+)`/gm)].map(([, tag = ""]) => tag);
  expect(rows).toEqual([...new Set(tags.map((tag) => tag.trim()))].toSorted());
});

test("every file that a document links to is there", () => {
  const documents = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "docs/CONFIG.md",
    "docs/DEPLOY-DESKTOP.md",
    "docs/DYNAMICS-SETUP.md",
    "docs/NETWORK.md",
    "docs/QA.md",
    "docs/REPLAY-API.md",
    "docs/SECURITY.md",
  ];
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map((match) => join(REPOSITORY, document, "..", match[1] ?? ""))
      .filter((target) => {
        try {
          readFileSync(target);
          return false;
        } catch (error) {
          return !(error instanceof Error && "code" in error && error.code === "EISDIR");
        }
      }),
  );
  expect(broken).toEqual([]);
});

test("ARCHITECTURE.md gives a reason for every dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, object>;
  const words = new Set(
    read("ARCHITECTURE.md")
      .toLowerCase()
      .match(/[@\w/-]+/g),
  );
  // Named by their products' names.
  const named: Readonly<Record<string, string>> = {
    "@biomejs/biome": "biome",
    "@playwright/test": "playwright",
  };
  const missing = Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !name.startsWith("@types/"))
    .filter((name) => !words.has(named[name] ?? name));
  expect(missing).toEqual([]);
});
