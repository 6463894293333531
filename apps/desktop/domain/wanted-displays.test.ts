import { expect, test } from "vitest";
import { wantedDisplays } from "./wanted-displays.ts";

const display = (id: string, primary: boolean) => ({ id, width: 800, height: 600, scale: 1, primary });

test("all monitors are wanted, the primary one first", () => {
  const displays = [display("1", false), display("2", true), display("3", false)];
  expect(wantedDisplays(displays, "all").map(({ id }) => id)).toEqual(["2", "1", "3"]);
});

test("by policy only the primary monitor is wanted", () => {
  expect(wantedDisplays([display("1", false), display("2", true)], "primary").map(({ id }) => id)).toEqual([
    "2",
  ]);
});

test("where no monitor is there, none is wanted", () => {
  expect(wantedDisplays([], "primary")).toEqual([]);
});
