import fc from "fast-check";
import { expect, test } from "vitest";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import { SenderClock } from "./sender-clock.ts";

const START = 5_000;
const FIRST_TICKS = 7_000_000;

/** Ticks of what happens so many milliseconds after the start. */
function ticksAt(ms: number, rate = 1): number {
  return FIRST_TICKS + Math.round(ms * rate * VIDEO_TICKS_PER_MS);
}

/** A report that is sent so many milliseconds after the start. */
function reportAt(ms: number, { lateMs = 0, roundTripMs = 0, rate = 1, jumpMs = 0 } = {}) {
  const rtpTicks = ticksAt(ms + jumpMs, rate);
  return { rtpTicks, arrivedAt: START + ms + roundTripMs / 2 + lateMs, roundTripMs };
}

test("without a report the quickest packet's arrival counts", () => {
  const clock = new SenderClock();
  clock.onPacket(0, START + 400);
  clock.onPacket(90, START + 31);
  clock.onPacket(180, START + 52);
  expect([clock.source, clock.steadyTimeOf(0), clock.steadyTimeOf(9_000)]).toEqual([
    "arrival",
    START + 30,
    START + 130,
  ]);
});

test("half the round trip is taken off", () => {
  const clock = new SenderClock();
  clock.onSenderReport({ rtpTicks: 0, arrivedAt: START + 20, roundTripMs: 40 });
  expect([clock.source, clock.steadyTimeOf(90)]).toEqual(["sender-reports", START + 1]);
});

test("the middle of an even number of reports is between them", () => {
  const clock = new SenderClock();
  clock.onSenderReport(reportAt(0, { lateMs: 10 }));
  clock.onSenderReport(reportAt(500, { lateMs: 20 }));
  expect(clock.steadyTimeOf(FIRST_TICKS)).toBeCloseTo(START + 15, 6);
});

test("a first report that is later than the pictures is not believed", () => {
  const clock = new SenderClock();
  clock.onPacket(ticksAt(0), START + 25);
  clock.onSenderReport(reportAt(300, { lateMs: 900, roundTripMs: 40 }));
  expect(clock.steadyTimeOf(ticksAt(0))).toBeCloseTo(START + 5, 6);
});

test("a report that comes twice, or after the next one, changes nothing", () => {
  const clock = new SenderClock();
  for (let index = 0; index < 9; index++) clock.onSenderReport(reportAt(index * 500, { lateMs: index % 2 }));
  const before = clock.steadyTimeOf(ticksAt(4_000));
  for (let index = 0; index < 6; index++) {
    clock.onSenderReport(reportAt(4_000, { lateMs: 400 }));
    clock.onSenderReport(reportAt(3_500, { lateMs: 900 }));
  }
  expect(clock.steadyTimeOf(ticksAt(4_000))).toBe(before);
});

test.each([1 - 200e-6, 1 + 200e-6])("a clock that runs %f times as fast is followed for an hour", (rate) => {
  const clock = new SenderClock();
  for (let ms = 0; ms <= 3_600_000; ms += 700) clock.onSenderReport(reportAt(ms, { rate }));
  const errorAt = (ms: number) => Math.abs(clock.steadyTimeOf(ticksAt(ms, rate)) - (START + ms));
  // The newest pictures lag half a median behind; those with reports on both sides do not.
  expect(errorAt(3_600_000)).toBeLessThan(2.5);
  expect(errorAt(3_540_000)).toBeLessThan(0.2);
});

test("a computer that slept is known by the third report, and what was before keeps its time", () => {
  const clock = new SenderClock();
  for (let ms = 0; ms < 30_000; ms += 500) clock.onSenderReport(reportAt(ms));
  const sleptMs = 8_000;
  const wokenMs = 30_000 + sleptMs;
  for (let ms = wokenMs; ms < wokenMs + 1_500; ms += 500)
    clock.onSenderReport(reportAt(ms, { jumpMs: -sleptMs }));
  expect(clock.steadyTimeOf(ticksAt(29_400))).toBeCloseTo(START + 29_400, 6);
  expect(clock.steadyTimeOf(ticksAt(30_100))).toBeCloseTo(START + 30_100 + sleptMs, 6);
});

test("ticks that run back are followed too", () => {
  const clock = new SenderClock();
  for (let ms = 0; ms < 30_000; ms += 500) clock.onSenderReport(reportAt(ms));
  for (let ms = 30_000; ms < 31_500; ms += 500) clock.onSenderReport(reportAt(ms, { jumpMs: -20_000 }));
  expect(clock.steadyTimeOf(ticksAt(11_500))).toBeCloseTo(START + 31_500, 6);
});

test("reports that stall together, each as late as its turn, are not taken for a jump", () => {
  const clock = new SenderClock();
  for (let ms = 0; ms < 30_000; ms += 500) clock.onSenderReport(reportAt(ms));
  for (let ms = 30_000; ms < 34_000; ms += 500) clock.onSenderReport(reportAt(ms, { lateMs: 36_000 - ms }));
  expect(clock.steadyTimeOf(ticksAt(34_000))).toBeCloseTo(START + 34_000, 6);
});

test("however late single reports are, a picture's time is right to 3 ms", () => {
  const reports = fc.record({
    oneWayMs: fc.integer({ min: 0, max: 100 }),
    // At most a third of the reports are late.
    lateness: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.nat({ max: 20_000 })), {
      minLength: 9,
      maxLength: 60,
    }),
  });
  fc.assert(
    fc.property(reports, ({ oneWayMs, lateness }) => {
      const clock = new SenderClock();
      lateness.forEach(([, jitterMs, lateMs], index) => {
        const delayMs = jitterMs + (index % 3 === 2 ? lateMs : 0);
        clock.onSenderReport(reportAt(index * 600, { lateMs: delayMs, roundTripMs: 2 * oneWayMs }));
      });
      const error = clock.steadyTimeOf(ticksAt(1_234)) - (START + 1_234);
      expect(error).toBeGreaterThanOrEqual(-1e-6);
      expect(error).toBeLessThanOrEqual(3 + 1e-6);
    }),
  );
});
