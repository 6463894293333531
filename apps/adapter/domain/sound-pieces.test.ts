import fc from "fast-check";
import { expect, test } from "vitest";
import { AAC_PACKET_SAMPLES, countPackets, cutSound } from "./sound-pieces.ts";

test("a short sound is one piece, a long one as many as are allowed", () => {
  expect(cutSound(16_000, 16, 2)).toEqual([
    { from: 0, to: 16_000, skip: 0, keep: 17, heard: { from: 0, to: 16_000 } },
  ]);
  expect(cutSound(120_000 * 16, 16, 2)).toEqual([
    { from: 0, to: 942 * 1_024, skip: 0, keep: 938, heard: { from: 0, to: 937 * 1_024 } },
    {
      from: 914 * 1_024,
      to: 120_000 * 16,
      skip: 24,
      keep: 938,
      heard: { from: 937 * 1_024, to: 120_000 * 16 },
    },
  ]);
});

test("whatever the length, the pieces' packets are the whole's, and each is encoded from samples that it needs", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 * 3_600_000 }),
      fc.constantFrom(16, 24),
      fc.integer({ min: 1, max: 8 }),
      (ms, perMs, most) => {
        const samples = ms * perMs;
        const pieces = cutSound(samples, perMs, most);
        let packets = 0;
        let heardTo = 0;
        for (const { from, to, skip, keep, heard } of pieces) {
          expect(heard.from).toBe(heardTo);
          expect(heard.from).toBeGreaterThanOrEqual(from);
          expect(heard.to).toBeLessThanOrEqual(to);
          heardTo = heard.to;
          expect(from / AAC_PACKET_SAMPLES + skip).toBe(packets);
          expect(keep).toBeGreaterThan(0);
          packets += keep;
          expect(to).toBeGreaterThanOrEqual(Math.min(samples, packets * AAC_PACKET_SAMPLES));
          expect(countPackets(to - from)).toBeGreaterThanOrEqual(skip + keep);
        }
        expect(packets).toBe(countPackets(samples));
        expect(pieces.at(-1)?.to).toBe(samples);
        expect(heardTo).toBe(samples);
      },
    ),
  );
});
