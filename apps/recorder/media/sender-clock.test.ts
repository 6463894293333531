import fc from "fast-check";
import { expect, test } from "vitest";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import { ntpToEpochMs, SenderClock } from "./sender-clock.ts";

const START = Date.UTC(2026, 2, 2, 10, 0, 0);

test("NTP counts from 1900 and in fractions of 2^32", () => {
  expect(ntpToEpochMs(2_208_988_800, 0)).toBe(0);
  expect(ntpToEpochMs(2_208_988_801, 2 ** 31)).toBe(1_500);
});

test("without a report the quickest packet's arrival counts", () => {
  const clock = new SenderClock();
  clock.onPacket(0, START + 400);
  clock.onPacket(90, START + 31);
  clock.onPacket(180, START + 52);
  expect([clock.source, clock.wallTimeOf(0), clock.wallTimeOf(9_000)]).toEqual([
    "arrival",
    START + 30,
    START + 130,
  ]);
});

test("half the round trip is taken off", () => {
  const clock = new SenderClock();
  clock.onSenderReport({ senderTime: 0, rtpTicks: 0, arrivedAt: START + 20, roundTripMs: 40 });
  expect([clock.source, clock.wallTimeOf(90)]).toEqual(["sender-reports", START + 1]);
});

test("the middle of an even number of reports is between them", () => {
  const clock = new SenderClock();
  clock.onSenderReport({ senderTime: START, rtpTicks: 0, arrivedAt: START + 10, roundTripMs: 0 });
  clock.onSenderReport({ senderTime: START, rtpTicks: 0, arrivedAt: START + 20, roundTripMs: 0 });
  expect(clock.wallTimeOf(0)).toBe(START + 15);
});

test("a correction of the sender's clock is followed within the reports of half the window", () => {
  const clock = new SenderClock();
  const report = (second: number, offBy: number) =>
    clock.onSenderReport({
      senderTime: START + second * 1_000 + offBy,
      rtpTicks: second * 90_000,
      arrivedAt: START + second * 1_000,
      roundTripMs: 0,
    });
  for (let second = 0; second < 31; second++) report(second, 0);
  for (let second = 31; second < 47; second++) report(second, 500);
  expect(clock.wallTimeOf(47 * 90_000)).toBe(START + 47_000);
});

test("whatever the sender's clock and however late single reports, a picture's time is right to 3 ms", () => {
  const reports = fc.record({
    senderOffMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    oneWayMs: fc.integer({ min: 0, max: 100 }),
    // At most a third of the reports are late.
    lateness: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.nat({ max: 2_000 })), {
      minLength: 9,
      maxLength: 60,
    }),
  });
  fc.assert(
    fc.property(reports, ({ senderOffMs, oneWayMs, lateness }) => {
      const clock = new SenderClock();
      lateness.forEach(([, jitterMs, lateMs], index) => {
        const at = START + index * 600;
        const delay = oneWayMs + jitterMs + (index % 3 === 2 ? lateMs : 0);
        clock.onSenderReport({
          senderTime: at + senderOffMs,
          rtpTicks: 7_000_000 + index * 600 * VIDEO_TICKS_PER_MS,
          arrivedAt: at + delay,
          roundTripMs: 2 * oneWayMs,
        });
      });
      const error = clock.wallTimeOf(7_000_000 + 1_234 * VIDEO_TICKS_PER_MS) - (START + 1_234);
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThanOrEqual(3);
    }),
  );
});
