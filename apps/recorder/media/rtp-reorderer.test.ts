import fc from "fast-check";
import { expect, test } from "vitest";
import type { RtpPacket } from "./rtp-packet.ts";
import { REPAIR_WAIT_MS, RtpReorderer } from "./rtp-reorderer.ts";

function packet(sequenceNumber: number, fields: Partial<RtpPacket> = {}): RtpPacket {
  const wrapped = sequenceNumber & 0xffff;
  return {
    payloadType: 100,
    marker: false,
    sequenceNumber: wrapped,
    timestamp: 0,
    ssrc: 1,
    payload: new Uint8Array(),
    ...fields,
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
  [
    "two in a row far off are a restarted sender",
    [7, 40_000, 40_001, 40_002],
    0,
    ["7", "!40000", "40001", "40002"],
  ],
  ["what waited comes out before the restart", [7, 9, 40_000, 40_001], 0, ["7", "!9", "!40000", "40001"]],
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

test.each<[string, (Partial<RtpPacket> & { sequenceNumber: number })[], string[]]>([
  [
    "another SSRC is a restarted sender, and what is still under way of the former one is dropped",
    [
      { sequenceNumber: 7 },
      { sequenceNumber: 9, ssrc: 2 },
      { sequenceNumber: 8 },
      { sequenceNumber: 9, ssrc: 2 },
      { sequenceNumber: 10, ssrc: 2 },
      { sequenceNumber: 8 },
      { sequenceNumber: 9 },
      { sequenceNumber: 11, ssrc: 2 },
    ],
    ["7", "8", "R9", "10", "11"],
  ],
  [
    "time stamps far off are a restarted sender, even if its numbers happen to be near",
    [
      { sequenceNumber: 7, timestamp: 90 },
      { sequenceNumber: 8, timestamp: 180 },
      { sequenceNumber: 4, timestamp: 2 ** 31 },
      { sequenceNumber: 5, timestamp: 2 ** 31 + 90 },
      { sequenceNumber: 6, timestamp: 2 ** 31 + 180 },
    ],
    ["7", "8", "R4", "5", "6"],
  ],
  [
    "one time stamp far off is noise",
    [
      { sequenceNumber: 7, timestamp: 90 },
      { sequenceNumber: 8, timestamp: 2 ** 31 },
      { sequenceNumber: 8, timestamp: 180 },
    ],
    ["7", "8"],
  ],
  [
    "the wrap of time stamps is no restart",
    [
      { sequenceNumber: 7, timestamp: 2 ** 32 - 60 },
      { sequenceNumber: 8, timestamp: 30 },
      { sequenceNumber: 9, timestamp: 120 },
    ],
    ["7", "8", "9"],
  ],
])("%s", (_case, packets, expected) => {
  const reorderer = new RtpReorderer();
  const payload = Uint8Array.of(1);
  const released = packets.flatMap(({ sequenceNumber, ...fields }, at) =>
    reorderer.push(packet(sequenceNumber, { payload, ...fields }), at),
  );
  expect(
    released.map(
      ({ packet: { sequenceNumber }, afterRestart }) => `${afterRestart ? "R" : ""}${sequenceNumber}`,
    ),
  ).toEqual(expected);
});

test("a screen that is still for hours goes on, whatever its padding says", () => {
  const reorderer = new RtpReorderer();
  const hourMs = 3_600_000;
  const content = (sequenceNumber: number, at: number) =>
    reorderer.push(packet(sequenceNumber, { payload: Uint8Array.of(1), timestamp: (at * 90) % 2 ** 32 }), at);
  expect(content(0, 0)).toHaveLength(1);
  let number = 0;
  for (let at = 600_000; at < 30 * hourMs; at += 600_000)
    expect(reorderer.push(packet(++number), at)).toHaveLength(1);
  expect(content(number + 1, 30 * hourMs)).toMatchObject([{ afterLoss: false }]);
});

test("a packet costs the same however many wait behind a hole", () => {
  const perPacketMs = (waiting: number) => {
    const reorderer = new RtpReorderer();
    reorderer.push(packet(0), 0);
    const startedAt = performance.now();
    for (let number = 2; number < waiting; number += 1) {
      reorderer.push(packet(number), number);
      if (reorderer.waitingUntil !== 2 + REPAIR_WAIT_MS) throw new Error("the hole is not waited for");
    }
    return (performance.now() - startedAt) / waiting;
  };
  const best = (waiting: number) => Math.min(...Array.from({ length: 5 }, () => perPacketMs(waiting)));
  best(2_000);
  expect(best(2_000) / best(200)).toBeLessThan(4);
});
