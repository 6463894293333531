/** Recorded streams of a real Chromium on lines with every fault, through all of the recorder but its network. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { seededRandom } from "../../../e2e/dynamics/faults/seeded-random.ts";
import { REPAIR_WAIT_MS } from "./rtp-reorderer.ts";
import { decodeCapture, expectHoles, judgeRecording } from "./testing/judge-recording.ts";
import { everyPacket, firstPacket, hitting, lastPacket, type PacketChoice } from "./testing/lines.ts";
import { LINE_MS, type Line } from "./testing/played-media.ts";
import { openPlayedSite, PICTURE_MS } from "./testing/played-site.ts";
import type { ScriptedSender, SentPicture } from "./testing/scripted-sender.ts";

const HOUR_MS: DurationMs = 3_600_000;
/** From a loss to the key picture that ends it: waiting for repair, asking, and the sender's next picture. */
const LOSS_MAX_MS = REPAIR_WAIT_MS + 3 * LINE_MS + 2 * PICTURE_MS;

/** The first key picture that was sent after this time. */
function nextKey(sender: ScriptedSender, at: EpochMs): SentPicture {
  const found = sender.sent.find((picture) => picture.key && picture.at > at);
  if (found === undefined) throw new Error("no key picture was sent any more");
  return found;
}

/** What depends on how a codec's pictures are cut into packets and put together again. */
describe.each(CODECS)("%s", (codec) => {
  beforeAll(() => decodeCapture(codec));

  test.each<[string, number, PacketChoice, boolean]>([
    ["a single packet", 1, lastPacket, false],
    ["whole pictures, one after the other", 6, everyPacket, false],
    ["the first packet of a key picture", 1, firstPacket, true],
    ["the last packet of a key picture", 1, lastPacket, true],
  ])(
    "a loss costs the pictures up to a key picture that is asked for once: %s",
    async (_, pictures, isHit, isOfKey) => {
      await using site = await openPlayedSite(codec);
      const sender = site.makeSender();
      const track = await site.plugIn(sender);
      await site.pass(4_050);
      if (isOfKey) sender.makeKey();
      const from = site.now();
      track.line = hitting(sender, pictures, isHit);
      await site.pass(8_000);
      const recording = await site.end();

      const { holes } = await judgeRecording(site, recording, [sender]);
      const firstLost = sender.sent.find(({ at }) => at > from);
      const lostAt = firstLost?.at ?? Number.NaN;
      const back = nextKey(sender, lostAt);
      expect(firstLost?.key).toBe(isOfKey);
      expectHoles(holes, [{ from: lostAt, to: back.at, why: "loss" }]);
      expect(back.at - lostAt).toBeLessThanOrEqual(LOSS_MAX_MS + (pictures - 1) * PICTURE_MS);
      expect(track.keyFrameRequests).toHaveLength(1);
      expect(recording.coverage).toBe("partial");
    },
  );

  test("a stream whose very first picture is lost begins late, and nothing else is missing", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const startedAt = site.now();
    const track = await site.plugIn(sender, hitting(sender, 1, firstPacket));
    await site.pass(8_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    const back = nextKey(sender, startedAt);
    expectHoles(holes, [{ from: startedAt, to: back.at, why: "late-start" }]);
    expect(track.keyFrameRequests).toHaveLength(1);
  });

  test("a change of the picture's size is a new segment, and no gap", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    await site.plugIn(sender);
    await site.pass(4_050);
    sender.changeSize();
    await site.pass(3_000);
    sender.changeSize();
    await site.pass(3_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    expect(holes).toEqual([]);
    expect(recording.tracks[0]?.segments).toHaveLength(3);
  });

  test.each<[string, { ssrc: number; sequenceNumber: number; timestamp: number }]>([
    ["all of its numbers other", { ssrc: 0x9999, sequenceNumber: 40_000, timestamp: 3_000_000_000 }],
    [
      "sequence numbers that happen to be a little lower",
      { ssrc: 0x1234, sequenceNumber: 20, timestamp: 3_000_000_000 },
    ],
  ])(
    "a sender that starts anew goes on in a new segment, and only its absence is a gap: %s",
    async (_, origin) => {
      await using site = await openPlayedSite(codec);
      const sender = site.makeSender();
      await site.plugIn(sender);
      await site.pass(4_050);
      site.isStill = true;
      const lastAt = sender.sent.at(-1)?.at ?? Number.NaN;
      await site.pass(2_000);
      sender.restart(site.now(), origin);
      site.isStill = false;
      await site.pass(6_000);
      const recording = await site.end();

      const { holes } = await judgeRecording(site, recording, [sender]);
      expectHoles(holes, [{ from: lastAt + PICTURE_MS, to: nextKey(sender, lastAt).at, why: "loss" }]);
      expect(recording.tracks[0]?.segments).toHaveLength(2);
    },
  );

  test("whatever a line does, what is there is right, and what is not is a gap", async () => {
    await using site = await openPlayedSite(codec, 10);
    const sender = site.makeSender({ sequenceNumber: 0xfff0, timestamp: 2 ** 32 - 900_000 });
    // Each codec has a line of its own.
    const random = seededRandom(1 + CODECS.indexOf(codec));
    const track = await site.plugIn(sender, () => {
      const delay = LINE_MS + random() ** 4 * 500;
      const fate = random();
      if (fate < 0.01) return [];
      if (fate < 0.02) return [REPAIR_WAIT_MS + 500];
      if (fate < 0.08) return [delay + 700];
      return fate < 0.12 ? [delay, delay + 300] : [delay];
    });
    await site.pass(40_000);
    const recording = await site.end();

    const { holes, written } = await judgeRecording(site, recording, [sender]);
    expect(holes.filter(({ why }) => why !== "loss" && why !== "late-start")).toEqual([]);
    // Each gap needed a key picture, and each of those had been asked for, or came anyway.
    expect(track.keyFrameRequests.length).toBeGreaterThanOrEqual(holes.length);
    expect(written / sender.sent.length).toBeGreaterThan(0.5);
  });
});

/**
 * What is decided by numbers and times of packets alone, before anyone looks into them: one codec stands for all. The lines
 * above that do whatever they like have these faults in every codec.
 */
describe("any codec", () => {
  const codec: Codec = "vp9";
  beforeAll(() => decodeCapture(codec));

  test("losses that follow each other are one gap, and no more requests than one a second", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const track = await site.plugIn(sender);
    await site.pass(4_050);
    const from = site.now();
    // A packet of every picture, key pictures too, for four seconds.
    track.line = hitting(sender, 20, lastPacket);
    await site.pass(12_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    const lostAt = sender.sent.find(({ at }) => at > from)?.at ?? Number.NaN;
    const back = sender.sent.find(({ key, at }) => key && at >= lostAt + 20 * PICTURE_MS);
    expectHoles(holes, [{ from: lostAt, to: back?.at ?? Number.NaN, why: "loss" }]);
    const distances = track.keyFrameRequests
      .slice(1)
      .map((at, index) => at - (track.keyFrameRequests[index] ?? at));
    expect(distances.filter((ms) => ms < 1_000)).toEqual([]);
    expect(track.keyFrameRequests.length).toBeGreaterThan(0);
  });

  test.each<[string, (sender: ScriptedSender) => Line]>([
    ["packets that overtake each other", () => (number) => [LINE_MS + ((number * 7_919) % 400)]],
    [
      "packets that come twice, or three times, much later",
      () => (number) => [LINE_MS, LINE_MS, 900 + (number % 7)],
    ],
    ["repairs within the time for them", (sender) => hitting(sender, 20, lastPacket, [REPAIR_WAIT_MS - 20])],
    ["key pictures whose packets come backwards", (sender) => hitting(sender, 1, firstPacket, [500])],
  ])("what costs nothing leaves no mark: %s", async (_, lineOf) => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const track = await site.plugIn(sender);
    await site.pass(4_050);
    sender.makeKey();
    track.line = lineOf(sender);
    await site.pass(8_000);
    track.line = () => [LINE_MS];
    await site.pass(2_000);
    const recording = await site.end();

    const { holes, written } = await judgeRecording(site, recording, [sender]);
    expect(holes).toEqual([]);
    expect(written).toBeGreaterThan(65);
    expect([track.keyFrameRequests, recording.coverage]).toEqual([[], "recorded"]);
  });

  test("a repair that comes after its time is no repair, and does no harm", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const track = await site.plugIn(sender);
    await site.pass(4_050);
    const from = site.now();
    track.line = hitting(sender, 1, lastPacket, [REPAIR_WAIT_MS + PICTURE_MS + 100]);
    await site.pass(8_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    const lostAt = sender.sent.find(({ at }) => at > from)?.at ?? Number.NaN;
    expectHoles(holes, [{ from: lostAt, to: nextKey(sender, lostAt).at, why: "loss" }]);
  });

  test("sequence numbers and time stamps wrap in the middle without a mark, also while a packet is missing", async () => {
    await using site = await openPlayedSite(codec);
    const wrapAfterMs = 5_000;
    const sender = site.makeSender({ sequenceNumber: 0x1_0000 - 40, timestamp: 2 ** 32 - wrapAfterMs * 90 });
    const track = await site.plugIn(sender);
    await site.pass(wrapAfterMs - PICTURE_MS);
    track.line = hitting(sender, 3, everyPacket, [LINE_MS + 700]);
    await site.pass(8_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    expect(holes).toEqual([]);
    const numbers = sender.sent.flatMap(({ packets }) => packets);
    expect([numbers[0], numbers.includes(0)]).toEqual([0x1_0000 - 40, true]);
  });

  test.each<[string, DurationMs | null]>([
    ["sends nothing but reports", null],
    ["shows a picture every quarter of an hour", 900_000],
  ])(
    "a screen that is still for an hour and %s is one stretch without gap, in its place",
    async (_, everyMs) => {
      await using site = await openPlayedSite(codec);
      const sender = site.makeSender();
      const track = await site.plugIn(sender);
      await site.pass(4_050);
      site.isStill = true;
      for (let passed = 0; passed < HOUR_MS; passed += everyMs ?? HOUR_MS) {
        await site.pass(everyMs ?? HOUR_MS, 250);
        if (everyMs !== null) track.show();
      }
      site.isStill = false;
      await site.pass(4_000);
      const recording = await site.end();

      const { holes } = await judgeRecording(site, recording, [sender]);
      expect(holes).toEqual([]);
      expect(recording.tracks[0]?.coverage).toHaveLength(1);
      expect(recording.coverage).toBe("recorded");
    },
  );

  test("a monitor that is unplugged and plugged in again goes on in its track, with a gap in between", async () => {
    await using site = await openPlayedSite(codec);
    const senders = [site.makeSender(), site.makeSender()] as const;
    const track = await site.plugIn(senders[0]);
    await site.pass(4_050);
    const off = site.now();
    await site.unplug(track);
    await site.pass(5_000);
    await site.plugIn(senders[1]);
    await site.pass(4_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, senders);
    expectHoles(holes, [{ from: off, to: senders[1].sent[0]?.at ?? Number.NaN, why: "monitor-off" }]);
    expect(recording.coverage).toBe("recorded");
  });

  test("a silent line is a lost connection from its last packet to the first picture after it", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const track = await site.plugIn(sender);
    await site.pass(4_050);
    const from = site.now();
    track.isCut = true;
    await site.pass(5_000);
    track.isCut = false;
    const until = site.now();
    await site.pass(6_000);
    const recording = await site.end();

    const { holes } = await judgeRecording(site, recording, [sender]);
    expectHoles(holes, [{ from, to: nextKey(sender, until).at, why: "connection-lost" }]);
  });
});
