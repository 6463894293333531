import { expect, test } from "vitest";
import type { HandedInFrame } from "./handed-in.ts";
import { TrackAccount } from "./track-account.ts";

/** Ten frames per second, a key frame each second; what was shown repeats after 4 s. */
function frame(index: number, stream = "a"): HandedInFrame {
  const at = 10_000 + index * 100;
  const crc = index % 40;
  return { display: "1", stream, arrivedAt: at + 20, capturedAt: at, key: index % 10 === 0, bytes: 9, crc };
}

const segment = (id: string, from: number, to: number) => ({
  id,
  startedAt: 10_000 + from * 100,
  frames: Array.from({ length: to - from }, (_, index) => frame(from + index)),
});

function accountOf(frames: number, run = 1): TrackAccount {
  const account = new TrackAccount();
  for (let index = 0; index < frames; index++) account.note(run, frame(index));
  return account;
}

test("what is in segments is found, and what is missing at the end of a run is its loss", () => {
  const account = accountOf(56);
  expect([account.match(segment("000001", 0, 40)), account.match(segment("000002", 40, 50))]).toEqual([
    null,
    null,
  ]);
  expect(account.lossOf(1)).toEqual({ frames: 6, lostMs: 600 });
  expect(account.lossOf(2)).toEqual({ frames: 0, lostMs: 0 });
});

test("a run of which nothing is found has lost all that it had", () => {
  expect(accountOf(8).lossOf(1)).toEqual({ frames: 8, lostMs: 700 });
});

test("frames that are missing between segments are no end of a run", () => {
  const account = accountOf(50);
  account.match(segment("000001", 0, 10));
  account.match(segment("000002", 20, 50));
  expect(account.lossOf(1)).toBe("run 1: frames are missing in its middle");
});

test.each([
  ["that nobody handed in then", { ...segment("000001", 0, 10), startedAt: 18_000 }, /begins with a frame/],
  ["of another stream", segment("000001", 40, 60), /frame 10 is not the one handed in/],
  [
    "that is not as it was handed in",
    { ...segment("000001", 0, 10), frames: [frame(0), frame(2)] },
    /its frame 1/,
  ],
  ["that is empty", { ...segment("000001", 0, 0) }, /no frame/],
])("a segment %s is wrong", (_case, found, expected) => {
  const account = accountOf(50);
  // Another stream goes on with the same pictures.
  for (let index = 50; index < 70; index++) account.note(2, frame(index, "b"));
  expect(account.match(found)).toMatch(expected);
});
