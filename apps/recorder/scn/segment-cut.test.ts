import { expect, test } from "vitest";
import {
  type CutDecision,
  decideCut,
  lastFrameDuration,
  MOST_PICTURES_WITHOUT_KEY,
  type SegmentExtent,
} from "./segment-cut.ts";

const S = 90_000;
const SEGMENT: SegmentExtent = {
  firstTicks: 5 * S,
  lastTicks: 64 * S,
  width: 1920,
  height: 1080,
  sinceKey: 9,
};
const FAR_FROM_KEY = { ...SEGMENT, lastTicks: 29.8 * S, sinceKey: MOST_PICTURES_WITHOUT_KEY };
const KEY = { key: true, width: 1920, height: 1080 };
const DELTA = { key: false };

const ON_PLACE_MS = 0;

test.each<[string, Parameters<typeof decideCut>[1], CutDecision, SegmentExtent?, number?]>([
  ["a frame within the length", { ...DELTA, rtpTicks: 64.2 * S }, "go-on"],
  ["a key frame within the length", { ...KEY, rtpTicks: 64.9 * S }, "go-on"],
  ["a key frame at the length", { ...KEY, rtpTicks: 65 * S }, "cut"],
  ["a frame past the length", { ...DELTA, rtpTicks: 65 * S }, "ask"],
  [
    "a frame long past the length",
    { ...DELTA, rtpTicks: 95 * S },
    "no-key-frame",
    { ...SEGMENT, lastTicks: 94 * S },
  ],
  [
    "a key frame long past the length",
    { ...KEY, rtpTicks: 95 * S },
    "cut",
    { ...SEGMENT, lastTicks: 94 * S },
  ],
  ["another width", { ...KEY, width: 1280, rtpTicks: 64.2 * S }, "cut"],
  ["another height", { ...KEY, height: 720, rtpTicks: 64.2 * S }, "cut"],
  ["10 s without a frame", { ...DELTA, rtpTicks: 74 * S }, "ask"],
  ["more than 10 s without a frame", { ...DELTA, rtpTicks: 74 * S + 1 }, "gap"],
  ["a clock that starts anew", { ...KEY, rtpTicks: 0 }, "gap"],
  ["a frame 20 ms off its place", { ...DELTA, rtpTicks: 64.2 * S }, "go-on", SEGMENT, 20],
  ["a frame further off its place", { ...DELTA, rtpTicks: 64.2 * S }, "ask", SEGMENT, 20.1],
  ["a frame before its place", { ...DELTA, rtpTicks: 64.2 * S }, "ask", SEGMENT, -7_000],
  ["as many pictures as a seek may decode", { ...DELTA, rtpTicks: 30 * S }, "ask", FAR_FROM_KEY],
  [
    "fewer of them",
    { ...DELTA, rtpTicks: 30 * S },
    "go-on",
    { ...FAR_FROM_KEY, sinceKey: MOST_PICTURES_WITHOUT_KEY - 1 },
  ],
  ["as many, and a key frame", { ...KEY, rtpTicks: 30 * S }, "go-on", FAR_FROM_KEY],
  [
    "as many, shortly before the length",
    { ...DELTA, rtpTicks: 58 * S },
    "go-on",
    { ...FAR_FROM_KEY, lastTicks: 57.8 * S },
  ],
  ["a key frame off its place", { ...KEY, rtpTicks: 64.2 * S }, "cut", SEGMENT, 2_500],
])("%s", (_case, frame, expected, segment = SEGMENT, strayMs = ON_PLACE_MS) => {
  expect(decideCut(segment, frame, 60_000, strayMs)).toBe(expected);
});

test("the last picture lasts as long as the one before it, at most 1 s", () => {
  expect([lastFrameDuration(100), lastFrameDuration(4_000), lastFrameDuration(null)]).toEqual([
    100, 1_000, 200,
  ]);
});
