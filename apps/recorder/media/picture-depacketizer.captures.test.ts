/** Real pictures of all codecs, through everything that a network does to packets. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import type { EncodedFrame } from "../capture/ports.ts";
import { createDepacketizer } from "./picture-depacketizer.ts";
import { parseRtpPacket } from "./rtp-packet.ts";
import { REPAIR_WAIT_MS } from "./rtp-reorderer.ts";
import { type CapturedItem, playCapture, readChromiumCapture } from "./testing/rtp-fixture.ts";

type CapturedPacket = CapturedItem & { rtp: Buffer };

const isPacket = (item: CapturedItem): item is CapturedPacket => "rtp" in item;

/** Where the key pictures of each capture are, with their sizes. */
const KEY_PICTURES = {
  av1: {
    pictures: 69,
    keys: [
      [0, 640, 360],
      [42, 640, 360],
      [53, 480, 300],
    ],
  },
  vp9: {
    pictures: 66,
    keys: [
      [0, 640, 360],
      [36, 640, 360],
      [51, 480, 300],
    ],
  },
  h264: {
    pictures: 62,
    keys: [
      [0, 640, 360],
      [36, 640, 360],
      [46, 480, 300],
    ],
  },
  vp8: {
    pictures: 62,
    keys: [
      [0, 640, 360],
      [36, 640, 360],
      [47, 480, 300],
    ],
  },
};

describe.each(CODECS)("%s", (codec) => {
  const capture = readChromiumCapture(codec);
  const undisturbed = playCapture(capture, codec);

  /** All that comes of a capture, also what is waited for at its end. */
  function playToTheEnd(items: readonly CapturedItem[]) {
    const { stream, frames, losses } = playCapture(items, codec);
    const rest = stream.releaseOverdue((items.at(-1)?.at ?? 0) + REPAIR_WAIT_MS);
    return { frames: [...frames, ...rest.frames], losses: [...losses, ...rest.losses] };
  }

  /** What of a frame must not depend on how its packets came. */
  const essence = (frames: readonly EncodedFrame[]) =>
    frames.map(({ data, key, width, height, codecPrivate }) => ({
      data: Buffer.from(data).toString("base64"),
      key,
      width,
      height,
      codecPrivate: codecPrivate && Buffer.from(codecPrivate).toString("base64"),
    }));

  test("every picture comes out, the key pictures with their size", () => {
    const { frames, losses } = undisturbed;
    const keys = frames.flatMap(({ key, width, height }, index) => (key ? [[index, width, height]] : []));
    expect({ pictures: frames.length, keys, losses }).toEqual({ ...KEY_PICTURES[codec], losses: [] });
  });

  test("key pictures, and they alone, carry what the codec's decoder needs first", () => {
    const needed = codec === "av1" || codec === "h264";
    expect(undisturbed.frames.map(({ codecPrivate }) => codecPrivate !== undefined)).toEqual(
      undisturbed.frames.map(({ key }) => key && needed),
    );
  });

  test("whichever packet is lost, it costs the pictures from its own up to the next key picture", () => {
    const whole = essence(undisturbed.frames);
    const packets = capture.filter(isPacket);
    const pictureTimes = [...new Set(packets.map(({ rtp }) => rtp.readUInt32BE(4)))];
    for (const missing of packets) {
      const hit = pictureTimes.indexOf(missing.rtp.readUInt32BE(4));
      const nextKey = whole.findIndex(({ key }, index) => key && index > hit);
      const { frames, losses } = playToTheEnd(capture.filter((item) => item !== missing));
      const kept = [...whole.slice(0, hit), ...(nextKey < 0 ? [] : whole.slice(nextKey))];
      expect(essence(frames)).toEqual(kept);
      // Nothing tells of a last packet that is missing, and a first one is missed only by what refers to it.
      if (missing !== packets[0] && missing !== packets.at(-1)) expect(losses.length).toBeGreaterThan(0);
    }
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
        const { frames, losses } = playToTheEnd(arrivals);
        expect(losses).toEqual([]);
        expect(essence(frames)).toEqual(essence(undisturbed.frames));
      }),
      { numRuns: 10 },
    );
  });

  test("sequence numbers and time stamps may wrap at any packet", () => {
    const packets = capture.filter(isPacket);
    for (const { rtp: middle } of packets.filter((_, index) => index % 10 === 5)) {
      const sequenceShift = 0x1_0000 - middle.readUInt16BE(2);
      const timestampShift = 2 ** 32 - middle.readUInt32BE(4);
      const wrapped = packets.map((item) => {
        const rtp = Buffer.from(item.rtp);
        rtp.writeUInt16BE((rtp.readUInt16BE(2) + sequenceShift) % 0x1_0000, 2);
        rtp.writeUInt32BE((rtp.readUInt32BE(4) + timestampShift) % 2 ** 32, 4);
        return { ...item, rtp };
      });
      const { frames, losses } = playToTheEnd(wrapped);
      expect(losses).toEqual([]);
      expect(essence(frames)).toEqual(essence(undisturbed.frames));
      const spans = [frames, undisturbed.frames].map(
        (of) => (of.at(-1)?.rtpTicks ?? 0) - (of[0]?.rtpTicks ?? 0),
      );
      expect(spans[0]).toBe(spans[1]);
    }
  });

  test("packets with any bytes changed or cut off never throw, and begin with a key picture", () => {
    const packets = capture.filter(isPacket).map(({ rtp }) => rtp);
    const damage = fc.record({
      packet: fc.nat({ max: packets.length - 1 }),
      // The beginning is where the format is.
      at: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 1_200 })),
      byte: fc.nat({ max: 255 }),
      length: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 40 })),
    });
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 8 }), (damages) => {
        const depacketizer = createDepacketizer(codec);
        const damaged = packets.slice();
        for (const { packet, at, byte, length } of damages) {
          const copy = Buffer.from(damaged[packet] ?? []);
          // Behind the fixed header: what is there is the reorderer's business.
          if (12 + at < copy.byteLength) copy[12 + at] = byte;
          damaged[packet] = copy.subarray(0, 12 + length);
        }
        const pictures = damaged.flatMap((bytes) => {
          const packet = parseRtpPacket(bytes);
          if (packet === null) return [];
          return (
            depacketizer.push({ packet, arrivedAt: 0, afterLoss: false, afterRestart: false }).picture ?? []
          );
        });
        expect(pictures[0]?.key ?? true).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("garbage never throws", () => {
    const garbage = fc.record({
      marker: fc.boolean(),
      afterLoss: fc.boolean(),
      timestamp: fc.nat({ max: 3 }),
      payload: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 40 }), (packets) => {
        const depacketizer = createDepacketizer(codec);
        for (const { afterLoss, ...packet } of packets) {
          const { picture } = depacketizer.push({
            packet: { payloadType: 100, sequenceNumber: 0, ssrc: 1, ...packet },
            arrivedAt: 0,
            afterLoss,
            afterRestart: false,
          });
          expect(picture === null || picture.data.byteLength > 0).toBe(true);
        }
      }),
    );
  });
});
