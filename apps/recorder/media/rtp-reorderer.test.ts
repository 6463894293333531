import fc from "fast-check";
import { expect, test } from "vitest";
import type { RtpPacket } from "./rtp-packet.ts";
import { REPAIR_WAIT_MS, RtpReorderer } from "./rtp-reorderer.ts";

function packet(sequenceNumber: number): RtpPacket {
  const wrapped = sequenceNumber & 0xffff;
  return {
    payloadType: 100,
    marker: false,
    sequenceNumber: wrapped,
    timestamp: 0,
    ssrc: 1,
    payload: new Uint8Array(),
  };
}

/** Pushes packets 1 ms apart; what comes out, a `!` before a packet that follows a loss. */
function play(sequenceNumbers: readonly number[], until = 0): string[] {
  const reorderer = new RtpReorderer();
  const released = sequenceNumbers.flatMap((number, at) => reorderer.push(packet(number), at));
  released.push(...reorderer.releaseOverdue(until));
  return released.map(
    ({ packet: { sequenceNumber }, afterLoss }) => `${afterLoss ? "!" : ""}${sequenceNumber}`,
  );
}

test.each<[string, number[], number, string[]]>([
  ["packets in order pass at once", [7, 8, 9], 0, ["7", "8", "9"]],
  ["a late packet is waited for", [7, 9, 10, 8], 0, ["7", "8", "9", "10"]],
  ["a duplicate is dropped, held or released", [7, 7, 9, 9, 8, 8], 0, ["7", "8", "9"]],
  ["the count wraps", [65_534, 0, 65_535, 1], 0, ["65534", "65535", "0", "1"]],
  ["a hole holds back what follows", [7, 9], REPAIR_WAIT_MS, ["7"]],
  ["a hole is given up when its time is over", [7, 9, 10], 1 + REPAIR_WAIT_MS, ["7", "!9", "10"]],
  ["each hole has its own time", [7, 9, 11], 1 + REPAIR_WAIT_MS, ["7", "!9"]],
  ["both holes are given up at last", [7, 9, 11], 2 + REPAIR_WAIT_MS, ["7", "!9", "!11"]],
  ["one packet far off is noise", [7, 40_000, 8], 0, ["7", "8"]],
  ["two in a row far off are a restarted sender", [7, 40_000, 40_001, 40_002], 0, ["7", "!40001", "40002"]],
  ["what waited comes out before the restart", [7, 9, 40_000, 40_001], 0, ["7", "!9", "!40001"]],
])("%s", (_case, sequenceNumbers, until, expected) => {
  expect(play(sequenceNumbers, until)).toEqual(expected);
});

test("a packet that comes after it was given up is dropped", () => {
  const reorderer = new RtpReorderer();
  reorderer.push(packet(1), 0);
  reorderer.push(packet(3), 0);
  expect(reorderer.waitingUntil).toBe(REPAIR_WAIT_MS);
  expect(reorderer.releaseOverdue(REPAIR_WAIT_MS)).toHaveLength(1);
  expect(reorderer.waitingUntil).toBeNull();
  expect(reorderer.push(packet(2), REPAIR_WAIT_MS)).toEqual([]);
});

test("memory is bounded: a hole is given up when too much waits behind it", () => {
  const reorderer = new RtpReorderer();
  reorderer.push(packet(0), 0);
  let released = 0;
  for (let number = 2; released === 0 && number < 20_000; number += 1) {
    released = reorderer.push(packet(number), 0).length;
  }
  expect(released).toBe(4_097);
});

test("any order and any duplicates within the window come out as the sequence itself", () => {
  const arrivals = fc
    .record({
      start: fc.nat({ max: 65_535 }),
      shuffleKeys: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 200 }),
      duplicates: fc.array(fc.nat({ max: 199 }), { maxLength: 20 }),
    })
    .map(({ start, shuffleKeys, duplicates }) => {
      const order = shuffleKeys.map((key, index) => ({ index, at: index === 0 ? -1 : index + key }));
      order.sort((a, b) => a.at - b.at);
      const indexes = order.map(({ index }) => index);
      for (const duplicate of duplicates) {
        if (duplicate > 0 && duplicate < indexes.length)
          indexes.splice(duplicate, 0, indexes[duplicate] ?? 0);
      }
      return { start, count: shuffleKeys.length, indexes };
    });
  fc.assert(
    fc.property(arrivals, ({ start, count, indexes }) => {
      const wanted = Array.from({ length: count }, (_, index) => String((start + index) & 0xffff));
      expect(play(indexes.map((index) => start + index))).toEqual(wanted);
    }),
  );
});
