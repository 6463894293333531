import { expect, test } from "vitest";
import { needsOf } from "./needs.mjs";

test("a command that is not in the table gets everything", () => {
  expect(needsOf(["build/start/main.ts", "--once"])).toEqual({
    packages: true,
    debian: ["ffmpeg", "speech", "browser", "screen", "session", "certificates"],
    worker: true,
    electron: true,
  });
});

test("the unit tests need npm's packages alone, also with further arguments", () => {
  const packagesOnly = { packages: true, debian: [], worker: false, electron: false };
  expect(needsOf(["--exec", "vitest", "run", "--project", "unit"])).toEqual(packagesOnly);
  expect(needsOf(["--exec", "vitest", "run", "--project", "unit", "shared"])).toEqual(packagesOnly);
});

test("a command whose name only begins alike is another one", () => {
  expect(needsOf(["build/check.ts2"]).electron).toBe(true);
});

test("the adapter needs ffmpeg, but neither a worker nor a screen", () => {
  expect(needsOf(["apps/adapter/main.ts", "--config", "x.yaml"])).toEqual({
    packages: true,
    debian: ["ffmpeg"],
    worker: false,
    electron: false,
  });
});
