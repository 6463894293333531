import { expect, test } from "vitest";
import { sliceAac, sliceOpus } from "./sound-slice.ts";

test("the whole sound: the packet that only primes is before 0, the last ends with the sound", () => {
  expect(sliceAac(0, 100, 16)).toBe(
    "noise=drop='lt(n,0)+gt(n,2)',setts=time_base=1/16000:ts='N*1024-1024':duration='if(eq(NEXT_PTS,NOPTS),max(1,576),1024)'",
  );
});

test("a slice that begins inside a packet has the one before it too, and both lie before 0 by so many samples", () => {
  // Sample 1600 is the 577th of packet 2, which ends with sample 2048; packet 1 begins 1600 samples before 0.
  expect(sliceAac(100, 1_000, 16)).toBe(
    "noise=drop='lt(n,1)+gt(n,18)',setts=time_base=1/16000:ts='N*1024-1600':duration='if(eq(NEXT_PTS,NOPTS),max(1,192),1024)'",
  );
});

test("a slice that begins with a packet has the one before it", () => {
  expect(sliceAac(64, 64, 16)).toBe(
    "noise=drop='lt(n,1)+gt(n,2)',setts=time_base=1/16000:ts='N*1024-1024':duration='if(eq(NEXT_PTS,NOPTS),max(1,1024),1024)'",
  );
});

test("packets of Opus keep their places to the ms; the first is the first that begins in the slice", () => {
  expect([sliceOpus(0, 100), sliceOpus(1_237, 100)]).toEqual([
    "noise=drop='lt(n,0)+gt(n,5)',setts=time_base=1/1000:ts='N*20+0':duration=20",
    "noise=drop='lt(n,62)+gt(n,67)',setts=time_base=1/1000:ts='N*20+3':duration=20",
  ]);
});
