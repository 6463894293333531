import { describe, expect, test } from "vitest";
import { fieldProblems } from "../runtime/schema-problems.ts";
import { callEventSchema } from "./call-event.ts";

const EVENT = {
  id: "4c0d",
  type: "ringing",
  at: "2026-03-02T10:02:30.1209Z",
  agent: " Ann@Contoso.com ",
  callSessionId: "A1C2-0b",
};

/** The faulty fields of an event that differs from a good one like this. */
function faultyFields(changes: Record<string, unknown>): string[] {
  const parsed = callEventSchema.safeParse({ ...EVENT, ...changes });
  return parsed.success ? [] : fieldProblems(parsed.error).map((problem) => problem.path);
}

describe("a call event", () => {
  test("is read with its ids folded to lower case and its time cut to milliseconds", () => {
    expect(callEventSchema.parse(EVENT)).toEqual({
      id: "4c0d",
      type: "ringing",
      at: Date.UTC(2026, 2, 2, 10, 2, 30, 120),
      agent: "ann@contoso.com",
      callSessionId: "a1c2-0b",
    });
  });

  test("needs a call session unless it is agent-available", () => {
    expect(faultyFields({ callSessionId: undefined })).toEqual(["/callSessionId"]);
    expect(faultyFields({ callSessionId: undefined, type: "agent-available" })).toEqual([]);
  });

  test("names every faulty field at once, each one once", () => {
    expect(
      faultyFields({
        id: "x".repeat(129),
        at: "10:02",
        agent: "",
        callSessionId: undefined,
        shift: 1,
        "a/b": 2,
      }),
    ).toEqual(["/id", "/at", "/agent", "/shift", "/a~1b", "/callSessionId"]);
    expect(faultyFields({ type: "rung", callSessionId: "a b" })).toEqual(["/type", "/callSessionId"]);
  });

  test.each([
    ["a value that is no string", { queue: 7 }, "/attributes/queue"],
    ["a value above 1024 characters", { queue: "x".repeat(1_025) }, "/attributes/queue"],
    ["a key above 64 characters", { ["k".repeat(65)]: "x" }, `/attributes/${"k".repeat(65)}`],
    [
      "more than 32 entries",
      Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, ""])),
      "/attributes",
    ],
  ])("refuses attributes with %s", (_, attributes, path) => {
    expect(faultyFields({ attributes })).toEqual([path]);
  });
});
