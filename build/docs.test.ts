/** The documents tell the truth where a machine can see it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
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

test("every file that a document links to is there", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/CONFIG.md"];
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
