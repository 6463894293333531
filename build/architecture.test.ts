/** The architecture rules: which folder may import what. A rule that holds for bad code is no rule, so it proves itself. */
import { readFileSync } from "node:fs";
import { globSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "./repository.ts";

interface Rule {
  /** Files that it is about. */
  files: RegExp;
  /** What they may not import: repository paths, package names or `node:` modules. */
  forbidden: RegExp;
  why: string;
}

const RULES: Rule[] = [
  { files: /^apps\/desktop\//, forbidden: /^apps\/(recorder|adapter)\//, why: "apps meet in shared/ only" },
  { files: /^apps\/recorder\//, forbidden: /^apps\/(desktop|adapter)\//, why: "apps meet in shared/ only" },
  { files: /^apps\/adapter\//, forbidden: /^apps\/(desktop|recorder)\//, why: "apps meet in shared/ only" },
  { files: /^shared\//, forbidden: /^(apps|build|e2e)\//, why: "shared/ is the ground floor" },
  {
    files: /^apps\/(?!.*(\.test\.tsx?$|\/testing\/))/,
    forbidden: /^(e2e|build)\/|\/testing\//,
    why: "the product does not need its workshop",
  },
  {
    files: /^apps\/[^/]+\/domain\/(?!.*\.test\.ts$)/,
    forbidden: /^(node:|[a-z@](?!pps\/|hared\/))|^apps\/[^/]+\/(?!domain\/)|^shared\/(runtime|http)\//,
    why: "domain code is pure: no Node, no packages, no edges",
  },
  {
    files: /^(?!apps\/recorder\/media\/|apps\/desktop\/capture\/)apps\/(?!.*\.test\.ts$)/,
    forbidden: /^mediasoup(-client)?(\/|$)/,
    why: "mediasoup has one importer: apps/recorder/media (client: apps/desktop/capture)",
  },
  {
    files: /^(?!apps\/desktop\/electron\/)apps\//,
    forbidden: /^electron$/,
    why: "only apps/desktop/electron knows Electron",
  },
  {
    files: /^(?!apps\/adapter\/replay\/page\/)(apps|shared)\//,
    forbidden: /^(preact|@preact\/signals)(\/|$)/,
    why: "only the replay page has components",
  },
  { files: /^apps\/adapter\//, forbidden: /^ws$/, why: "the adapter speaks HTTP only" },
  {
    files: /^apps\/recorder\/(?!call-buffer\/).*(?<!\.test)\.ts$/,
    forbidden: /^better-sqlite3$/,
    why: "the recorder's catalogue is opened in call-buffer/ only",
  },
  {
    files: /^apps\/desktop\//,
    forbidden: /^(better-sqlite3|express)$/,
    why: "the desktop has no native module and no server",
  },
];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

/** What a file imports, as repository paths or package names. */
function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2] ?? "";
    if (name.startsWith("#shared/")) return name.slice(1);
    return name.startsWith(".") ? normalize(join(dirname(file), name)) : name;
  });
}

function violations(file: string, text: string): string[] {
  return RULES.filter((rule) => rule.files.test(file)).flatMap((rule) =>
    importsOf(file, text)
      .filter((imported) => rule.forbidden.test(imported))
      .map((imported) => `${file} imports ${imported}: ${rule.why}`),
  );
}

const files = globSync("{apps,shared,build,e2e}/**/*.{ts,mts,tsx}", { cwd: REPOSITORY });

test("no file imports what its folder may not", () => {
  const found = files.flatMap((file) => violations(file, readFileSync(join(REPOSITORY, file), "utf8")));
  expect(found).toEqual([]);
});

test.each([
  ["apps/adapter/x.ts", 'import { a } from "../recorder/y.ts";'],
  ["apps/recorder/x.ts", 'import { a } from "../../apps/adapter/y.ts";'],
  ["shared/x/y.ts", 'import type { A } from "../../apps/recorder/y.ts";'],
  ["apps/recorder/domain/x.ts", 'import { readFile } from "node:fs";'],
  ["apps/recorder/domain/x.ts", 'import { z } from "zod";'],
  ["apps/recorder/domain/x.ts", 'import { log } from "#shared/runtime/log.ts";'],
  ["apps/recorder/domain/x.ts", 'import { a } from "../control/y.ts";'],
  ["apps/recorder/channel/x.ts", 'const m = await import("mediasoup");'],
  ["apps/desktop/capture/x.ts", 'import { app } from "electron";'],
  ["apps/recorder/control/x.ts", 'import Database from "better-sqlite3";'],
  ["apps/adapter/x.ts", 'import { a } from "../../e2e/y.ts";'],
  ["apps/adapter/replay/x.ts", 'import { render } from "preact";'],
  ["apps/recorder/dynamics/x.ts", 'import { a } from "./testing/y.ts";'],
])("the rules refuse %s: %s", (file, text) => {
  expect(violations(file, text)).toHaveLength(1);
});

test("the rules let good imports pass", () => {
  const text = 'import type { EpochMs } from "#shared/time/units.ts";\nimport { a } from "./b.ts";';
  expect(violations("apps/recorder/domain/x.ts", text)).toEqual([]);
  expect(violations("apps/recorder/testing/x.ts", 'import { a } from "../../../e2e/y.ts";')).toEqual([]);
});

test("no source file has more than 400 lines", () => {
  const long = files.filter((file) => readFileSync(join(REPOSITORY, file), "utf8").split("\n").length > 400);
  expect(long).toEqual([]);
});
