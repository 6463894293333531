import { beforeEach, expect, test } from "vitest";
import type { EpochMs } from "#shared/time/units.ts";
import { ChangeReader } from "./change-reader.ts";

const HOUR = 3_600_000;
const WATERMARK: EpochMs = Date.UTC(2026, 2, 2);
const { signal } = new AbortController();

let marks: Map<string, EpochMs>;
/** What the conversations were asked for: hours from the watermark, null = no end. */
let asked: (readonly [number, number | null])[];
let dynamicsNow: EpochMs;
/** The read of conversations with that number fails. */
let failsAt: number;
beforeEach(() => {
  marks = new Map();
  asked = [];
  dynamicsNow = WATERMARK + 3.5 * HOUR;
  failsAt = Number.POSITIVE_INFINITY;
});

function readerAt(now: EpochMs): ChangeReader {
  return new ChangeReader({
    marks: {
      mark: (name) => marks.get(name) ?? null,
      advanceMark: (name, at) => void marks.set(name, Math.max(at, marks.get(name) ?? at)),
    },
    clock: { now: () => now },
    read: async (kind, selection) => {
      if (kind === "conversation" && "changedSince" in selection) {
        const { changedSince, changedBefore } = selection;
        const hour = (at: EpochMs) => Math.round((at - WATERMARK) / HOUR) + 0;
        asked.push([hour(changedSince), changedBefore === undefined ? null : hour(changedBefore)]);
        if (asked.length === failsAt) throw new Error("no answer");
      }
      return { readAt: dynamicsNow };
    },
  });
}

test("what changed in the last hour is read as one", async () => {
  dynamicsNow = WATERMARK + HOUR / 2;
  expect(await readerAt(dynamicsNow).follow(WATERMARK, signal)).toBe(dynamicsNow);
  expect(asked).toEqual([[0, null]]);
});

test("after a longer absence it is read hour by hour, and after a failure where that one ended", async () => {
  failsAt = 3;
  await expect(readerAt(dynamicsNow).follow(WATERMARK, signal)).rejects.toThrow("no answer");
  // Also by a recorder that was started anew.
  expect(await readerAt(dynamicsNow).follow(WATERMARK, signal)).toBe(dynamicsNow);
  expect(asked).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [2, 3],
    [3, null],
  ]);
});

test("a clock of ours that is ahead takes nothing for read that Dynamics has not written yet", async () => {
  dynamicsNow = WATERMARK + 1.5 * HOUR;
  expect(await readerAt(WATERMARK + 10 * HOUR).follow(WATERMARK, signal)).toBe(dynamicsNow);
  expect(asked.at(-1)).toEqual([1, null]);
  expect([...marks.values()]).toEqual([WATERMARK + HOUR]);
});
