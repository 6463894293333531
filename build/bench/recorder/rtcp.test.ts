import { expect, test } from "vitest";
import { isRtcp, readFeedback, senderReport } from "./rtcp.ts";

const header = (format: number, type: number, words: number) => [0x80 | format, type, 0, words - 1];
const ssrcs = [0, 0, 0, 1, 0, 0, 0, 2];

test("a picture loss indication and a full intra request ask for a key picture", () => {
  const pli = Buffer.from([...header(1, 206, 3), ...ssrcs]);
  const fir = Buffer.from([...header(4, 206, 5), ...ssrcs, 0, 0, 0, 2, 7, 0, 0, 0]);
  expect([pli, fir].map(readFeedback)).toEqual([
    { wantsKeyPicture: true, missing: [] },
    { wantsKeyPicture: true, missing: [] },
  ]);
});

test("a NACK behind a receiver report names the packets of its mask, also past the counter's end", () => {
  const report = [...header(0, 201, 2), 0, 0, 0, 1];
  const nack = [...header(1, 205, 4), ...ssrcs, 0xff, 0xff, 0b1000_0000, 0b0000_0001];
  expect(readFeedback(Buffer.from([...report, ...nack]))).toEqual({
    wantsKeyPicture: false,
    missing: [65_535, 0, 15],
  });
});

test("torn bytes ask for nothing", () => {
  expect(readFeedback(Buffer.from([...header(1, 206, 9), ...ssrcs]))).toEqual({
    wantsKeyPicture: false,
    missing: [],
  });
});

test("a sender report ties the wall clock to the stream's", () => {
  const sent = { ssrc: 7, at: 1_500, timestamp: 90_000, packets: 3, bytes: 2_000 };
  const report = senderReport(sent);
  expect(isRtcp(report)).toBe(true);
  expect(Array.from({ length: 7 }, (_, word) => report.readUInt32BE(4 * word))).toEqual([
    0x80c80006,
    7,
    2_208_988_801,
    2 ** 31,
    90_000,
    3,
    2_000,
  ]);
});
