import { expect, test } from "vitest";
import fc from "fast-check";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import { FrameStream } from "./frame-stream.ts";
import { type CapturedItem, playCapture, readChromiumCapture } from "./testing/rtp-fixture.ts";

const capture = readChromiumCapture();
const undisturbed = playCapture(capture);
const WRONG_CLOCK_S = 37;

/** What of the frames must not depend on how their packets came. */
function essence({ frames }: { frames: typeof undisturbed.frames }) {
  return frames.map(({ data, key, rtpTicks, width, height }) => ({
    bytes: Buffer.from(data).toString("base64"),
    key,
    ticks: rtpTicks - (frames[0]?.rtpTicks ?? 0),
    width,
    height,
  }));
}

function isPacket(item: CapturedItem): item is CapturedItem & { rtp: Buffer } {
  return "rtp" in item;
}

/** Moves sequence numbers and time stamps so that both wrap in the middle of the capture. */
function wrapped(): CapturedItem[] {
  const middle = capture.filter(isPacket)[60];
  if (middle === undefined) throw new Error("the capture has fewer packets than it should");
  const sequenceShift = 0x1_0000 - middle.rtp.readUInt16BE(2);
  const timestampShift = 2 ** 32 - middle.rtp.readUInt32BE(4);
  return capture.map((item) => {
    if (!isPacket(item)) {
      return { ...item, report: { ...item.report, rtpTs: (item.report.rtpTs + timestampShift) % 2 ** 32 } };
    }
    const rtp = Buffer.from(item.rtp);
    rtp.writeUInt16BE((rtp.readUInt16BE(2) + sequenceShift) % 0x1_0000, 2);
    rtp.writeUInt32BE((rtp.readUInt32BE(4) + timestampShift) % 2 ** 32, 4);
    return { ...item, rtp };
  });
}

test("every picture that Chromium sent comes out, the key pictures with their size", () => {
  const { frames, losses } = undisturbed;
  expect(losses).toEqual([]);
  expect(frames).toHaveLength(66);
  expect(frames.flatMap((frame, index) => (frame.key ? [[index, frame.width, frame.height]] : []))).toEqual([
    [0, 640, 360],
    [36, 640, 360],
    [51, 480, 300],
  ]);
});

test("pictures are 100 ms apart and their time is before their arrival, by little", () => {
  const { frames, stream } = undisturbed;
  const times = frames.map((frame) => stream.steadyTimeOf(frame.rtpTicks));
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.max(...steps.map((step) => Math.abs(step - 100)))).toBeLessThan(5);
  const latencies = frames.map((frame, index) => frame.arrivedAt - (times[index] ?? 0));
  expect(Math.min(...latencies)).toBeGreaterThan(0);
  // The first pictures share the line with the connection's beginning; the median tells the clock's precision.
  expect(latencies.sort((a, b) => a - b)[33]).toBeLessThan(10);
});

test("a sender's clock that is wrong changes no picture's time", () => {
  const off = capture.map((item) =>
    isPacket(item)
      ? item
      : { ...item, report: { ...item.report, ntpSec: item.report.ntpSec + WRONG_CLOCK_S } },
  );
  const { frames, stream } = playCapture(off);
  const errors = frames.map((frame) =>
    Math.abs(stream.steadyTimeOf(frame.rtpTicks) - undisturbed.stream.steadyTimeOf(frame.rtpTicks)),
  );
  expect(Math.max(...errors)).toBeLessThan(0.01);
});

test("the wrap of sequence numbers and time stamps leaves no mark", () => {
  const { frames, stream, losses } = playCapture(wrapped());
  expect(losses).toEqual([]);
  expect(essence({ frames })).toEqual(essence(undisturbed));
  const [first, last] = [frames[0], frames.at(-1)];
  const spanMs = ((last?.rtpTicks ?? 0) - (first?.rtpTicks ?? 0)) / VIDEO_TICKS_PER_MS;
  expect(stream.steadyTimeOf(last?.rtpTicks ?? 0) - stream.steadyTimeOf(first?.rtpTicks ?? 0)).toBeCloseTo(
    spanMs,
    6,
  );
});

test("packets that come late, twice or in any order within the window make the same pictures", () => {
  const disturbance = fc.array(fc.record({ delay: fc.nat({ max: 800 }), twice: fc.boolean() }), {
    minLength: capture.length,
    maxLength: capture.length,
  });
  fc.assert(
    fc.property(disturbance, (disturbances) => {
      const arrivals = capture.flatMap((item, index) => {
        const { delay = 0, twice = false } = index === 0 ? {} : (disturbances[index] ?? {});
        const late = { ...item, at: item.at + (isPacket(item) ? delay : 0) };
        return twice ? [late, { ...late, at: late.at + 5 }] : [late];
      });
      arrivals.sort((a, b) => a.at - b.at);
      const { frames, losses } = playCapture(arrivals);
      expect(losses).toEqual([]);
      expect(essence({ frames })).toEqual(essence(undisturbed));
    }),
    { numRuns: 20 },
  );
});

test("a packet that never comes costs the pictures up to the next key picture, and one is asked for", () => {
  const packets = capture.filter(isPacket);
  // The second picture; all that follow refer to it, up to the next key picture.
  const missing = packets.find(({ rtp }) => rtp.readUInt32BE(4) !== packets[0]?.rtp.readUInt32BE(4));
  const { frames, losses } = playCapture(capture.filter((item) => item !== missing));
  expect(losses).toHaveLength(1);
  const afterSecondKey = essence(undisturbed).slice(36);
  expect(
    essence({ frames })
      .slice(1)
      .map(({ bytes }) => bytes),
  ).toEqual(afterSecondKey.map(({ bytes }) => bytes));
  expect(frames[0]?.key).toBe(true);
});

test("the key picture after a loss says where the pictures that are missing began", () => {
  const packets = capture.filter(isPacket);
  const numbers = [...new Set(packets.map(({ rtp }) => rtp.readUInt32BE(4)))];
  // Pictures 10 and 20, each lost whole; one stretch, since no key picture is between them.
  const isLost = ({ rtp }: { rtp: Buffer }) => [10, 20].includes(numbers.indexOf(rtp.readUInt32BE(4)));
  const { frames, stream } = playCapture(capture.filter((item) => !isPacket(item) || !isLost(item)));
  const told = frames.flatMap(({ rtpTicks, lostFrom }) =>
    lostFrom === undefined ? [] : [[lostFrom, rtpTicks]],
  );
  const [lost, key] = [10, 36].map((index) => undisturbed.frames[index]?.rtpTicks ?? 0);
  expect(told).toHaveLength(1);
  expect(told[0]?.[1]).toBe(key);
  expect(Math.abs((told[0]?.[0] ?? 0) - (lost ?? 0)) / VIDEO_TICKS_PER_MS).toBeLessThan(5);
  expect(stream.missingFrom).toBeNull();
});

test("a loss that no key picture has ended yet is told, and none before the first picture", () => {
  const packets = capture.filter(isPacket);
  const lateFrom = packets.length - 20;
  const late = playCapture(packets.filter((_, index) => index < lateFrom || index > lateFrom + 2));
  late.stream.releaseOverdue(Number.POSITIVE_INFINITY);
  expect(late.stream.missingFrom).not.toBeNull();
  expect(late.stream.needsKeyFrame).toBe(true);
  const early = playCapture(packets.slice(0, 30).filter((_, index) => index !== 1));
  early.stream.releaseOverdue(Number.POSITIVE_INFINITY);
  expect([early.frames, early.stream.missingFrom, early.stream.needsKeyFrame]).toEqual([[], null, true]);
});

test("anything else than RTP is ignored", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (garbage) => {
      const stream = new FrameStream("vp9");
      for (const bytes of garbage) expect(stream.push(bytes, 0).frames).toEqual([]);
    }),
  );
});
