import { expect, test } from "vitest";
import { readRingToFirstFrame } from "./ring-to-first-frame.ts";

test("the mean over all recordings is read from the histogram", () => {
  const metrics = `# TYPE deskreel_ring_to_first_frame_ms histogram
deskreel_ring_to_first_frame_ms_bucket{le="1000"} 1
deskreel_ring_to_first_frame_ms_sum 1500.5
deskreel_ring_to_first_frame_ms_count 2`;
  expect(readRingToFirstFrame(metrics)).toBe(750);
});

test("before the first frame there is nothing to tell", () => {
  expect(readRingToFirstFrame("deskreel_ring_to_first_frame_ms_sum 0\nderskreel 1\n")).toBeNull();
  expect(
    readRingToFirstFrame("deskreel_ring_to_first_frame_ms_sum 0\ndeskreel_ring_to_first_frame_ms_count 0"),
  ).toBeNull();
});
