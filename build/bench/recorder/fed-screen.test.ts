import { expect, test } from "vitest";
import type { Scene } from "./corpus.ts";
import { FedScreen } from "./fed-screen.ts";

/** Two pictures of two packets each, 200 ms apart, in a loop of 400 ms. */
const SCENE: Scene = {
  codec: "vp9",
  scene: "static",
  width: 1920,
  height: 1080,
  framesPerSecond: 5,
  durationMs: 400,
  pictures: 2,
  recordedFrom: "a test",
  recordedAt: "2026-03-02",
  packets: [0, 10, 200, 210].map((atMs, index) => ({
    atMs,
    ticks: index < 2 ? 0 : 18_000,
    marker: index % 2 === 1,
    payload: Buffer.from([index]),
  })),
};
const PLI = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);

interface Sent {
  which: number;
  sequence: number;
  timestamp: number;
}

function open() {
  const sent: Sent[] = [];
  const target = { port: 5_000, payloadType: 96, ssrc: 7, sendsReports: false };
  const screen = new FedScreen(SCENE, target, 1_000, (head, payload) => {
    sent.push({
      which: payload?.[0] ?? -1,
      sequence: head.readUInt16BE(2),
      timestamp: head.readUInt32BE(4),
    });
  });
  const which = () => sent.map((packet) => packet.which);
  return { screen, sent, which };
}

test("packets go when they are due, in a loop, with a sequence number and a time that go on", () => {
  const { screen, sent, which } = open();
  screen.sendDue(1_005);
  expect(which()).toEqual([0]);
  screen.sendDue(1_450);
  expect(which()).toEqual([0, 1, 2, 3, 0, 1]);
  const [first] = sent;
  expect(sent.map(({ sequence }) => sequence - (first?.sequence ?? 0))).toEqual([0, 1, 2, 3, 4, 5]);
  expect(sent.map(({ timestamp }) => timestamp - (first?.timestamp ?? 0))).toEqual([
    0, 0, 18_000, 18_000, 36_000, 36_000,
  ]);
  expect(screen.counts).toMatchObject({ pictures: 3, packets: 6, keyPictures: 2 });
});

test("a wish for a key picture is served in place of the next picture, never within one", () => {
  const { screen, which, sent } = open();
  screen.sendDue(1_350);
  screen.onRtcp(PLI, 1_350);
  screen.sendDue(1_399);
  expect(which()).toEqual([0, 1, 2, 3]);
  screen.sendDue(1_405);
  expect(which()).toEqual([0, 1, 2, 3, 0]);
  const distance = (sent[4]?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0);
  expect(distance).toBeGreaterThan(18_000);
});

test("a packet that the receiver misses is sent again as it was", () => {
  const { screen, sent } = open();
  screen.sendDue(1_210);
  const missed = sent[2]?.sequence ?? 0;
  const nack = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, missed >> 8, missed & 0xff, 0, 0]);
  screen.onRtcp(nack, 1_220);
  expect(sent.at(-1)).toEqual(sent[2]);
  expect(screen.counts).toMatchObject({ packets: 4, repeated: 1 });
});

test("it ends with a whole picture", () => {
  const { screen, which } = open();
  screen.sendDue(1_205);
  screen.end();
  expect(screen.isOver).toBe(false);
  screen.sendDue(2_000);
  expect([which(), screen.isOver]).toEqual([[0, 1, 2, 3], true]);
});
