import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { confirm } from "./confirm.ts";

const { signal } = new AbortController();

test.each([
  ["y\n", true],
  ["Yes\n", true],
  ["\n", false],
  ["n\n", false],
  ["yesterday\n", false],
  ["", false],
])("the answer %j is %j", async (answer, expected) => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(answer);
  expect(await confirm("Go on?", { input, output }, signal)).toBe(expected);
  output.end();
  expect(await text(output)).toContain("Go on? [y/N]");
});

test("a signal is a no", async () => {
  const end = new AbortController();
  const asked = confirm("Go on?", { input: new PassThrough(), output: new PassThrough() }, end.signal);
  end.abort();
  expect(await asked).toBe(false);
});

test("the terminal is let go after the answer, so that the program can end", async () => {
  const input = new PassThrough();
  input.write("y\n");
  expect(await confirm("Go on?", { input, output: new PassThrough() }, signal)).toBe(true);
  expect(input.isPaused()).toBe(true);
});
