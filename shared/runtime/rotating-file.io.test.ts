import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { RotatingFile } from "./rotating-file.ts";

let root: string;
let folder: string;
let faults: unknown[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "deskreel-log-"));
  folder = join(root, "a/logs");
  faults = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (maxBytes: number, maxFiles: number) =>
  new RotatingFile({ folder, name: "x", maxBytes, maxFiles, onFault: (error) => faults.push(error) });
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const sizes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).size);

test("a full file makes room for the next, the oldest goes, and the newest lines are there in order", () => {
  const file = open(20, 3);
  for (let line = 10; line < 30; line++) {
    file.write(`line ${line}\n`);
    expect(Math.max(...sizes())).toBeLessThanOrEqual(20);
  }
  expect(readdirSync(folder).sort()).toEqual(["x.1.log", "x.2.log", "x.log"]);
  expect(read("x.2.log") + read("x.1.log") + read("x.log")).toBe(
    [24, 25, 26, 27, 28, 29].map((line) => `line ${line}\n`).join(""),
  );
  expect(faults).toEqual([]);
});

test("the next start goes on in the same file, and a line longer than a file is cut", () => {
  for (const text of ["one\n", "two\n"]) open(10, 2).write(text);
  expect(read("x.log")).toBe("one\ntwo\n");
  const file = open(10, 2);
  file.write("x".repeat(1_000));
  expect([read("x.1.log"), read("x.log")]).toEqual(["one\ntwo\n", "x".repeat(10)]);
});

test("a folder that cannot be written is told once, and the log goes on when it can", () => {
  mkdirSync(join(root, "a"));
  writeFileSync(folder, "in the way");
  const file = open(100, 2);
  file.write("one\n");
  file.write("two\n");
  expect(faults).toHaveLength(1);
  rmSync(folder);
  file.write("three\n");
  expect(read("x.log")).toBe("three\n");
});

test("a log writes its lines there too, by its level", () => {
  const file = open(10_000, 2);
  const log = createLog("desktop", "error", file);
  log.info("not this");
  log.error({ code: 7 }, "only this");
  const lines = read("x.log").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { part: "desktop", code: 7, msg: "only this" },
  ]);
});
