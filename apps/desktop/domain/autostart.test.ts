import { expect, test } from "vitest";
import { type AutostartFacts, chooseAutostart } from "./autostart.ts";

const PROGRAM = "/opt/Deskreel/deskreel";
const facts = (change: Partial<AutostartFacts>): AutostartFacts => ({
  wanted: true,
  isPackaged: true,
  platform: "linux",
  program: PROGRAM,
  args: [],
  ...change,
});
const loginItem = (openAtLogin: boolean) => ({
  kind: "login-item",
  openAtLogin,
  program: PROGRAM,
  args: [],
});

test.each([
  ["nobody has decided", facts({ wanted: null }), { kind: "leave" }],
  ["it is a working tree", facts({ isPackaged: false }), { kind: "leave" }],
  ["it is a working tree, also to end it", facts({ isPackaged: false, wanted: false }), { kind: "leave" }],
  ["Linux, off", facts({ wanted: false }), { kind: "entry-file", content: null }],
  ["Windows, on", facts({ platform: "win32" }), loginItem(true)],
  ["Windows, off", facts({ platform: "win32", wanted: false }), loginItem(false)],
  ["macOS, on", facts({ platform: "darwin" }), loginItem(true)],
])("autostart where %s", (_where, given, step) => {
  expect(chooseAutostart(given)).toEqual(step);
});

test.each([
  [[], `Exec="${PROGRAM}"`],
  [["--config", "/etc/my deskreel.yaml"], `Exec="${PROGRAM}" "--config" "/etc/my deskreel.yaml"`],
  [[String.raw`a"b$c\d%e`], String.raw`Exec="${PROGRAM}" "a\\"b\\$c\\\\d%%e"`],
])("the entry of Linux starts the program with %j", (args, line) => {
  const step = chooseAutostart(facts({ args }));
  expect(step.kind === "entry-file" ? step.content?.split("\n") : []).toContain(line);
});
