import { join } from "node:path";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { EncodedFrame } from "../capture/ports.ts";
import { openWriterRig, type WriterRig } from "../scn/testing/writer-rig.ts";
import { FrameFeed } from "./frame-feed.ts";
import { RecordedSender } from "./testing/recorded-sender.ts";
import { seededRandom, VirtualTime } from "./testing/virtual-time.ts";

const START = Date.UTC(2026, 2, 2, 10, 0, 0);
const HOUR_MS: DurationMs = 3_600_000;
const MINUTE_MS: DurationMs = 60_000;
const ONE_WAY_MS: DurationMs = 15;
/** As often as the capture coordinator looks after its streams, and notices a step though nothing comes in. */
const WATCH_EVERY_MS: DurationMs = 250;
/** A stream without a sign for longer counts as lost (capture/recorded-track.ts). */
const SILENT_AFTER_MS: DurationMs = 2_750;
/** The recorder's own clock is set. */
const STEPS = [
  { at: 1_234_567, stepMs: -7_000 },
  { at: 2_345_678, stepMs: 2_500 },
];
/** Somebody sets the sender's clock right. */
const SENDER_SET_RIGHT_AT = 3_000_000;

interface Scene {
  codec: Codec;
  /** How much its clock is fast, in millionths. */
  senderPpm: number;
  /** How far its wall clock is ahead. */
  senderOffMs: DurationMs;
  pictureEveryMs: DurationMs;
  /** A key frame that is asked for comes at once, not as the next picture. */
  answersAtOnce?: boolean;
}

/** A picture that was captured, and what the recorder's clock showed then. */
interface Captured {
  rtpTicks: number;
  at: DurationMs;
  wall: EpochMs;
  key: boolean;
}

interface RecordedHour extends AsyncDisposable {
  rig: WriterRig;
  captured: Captured[];
  /** What came in, in the order of the files. */
  frames: EncodedFrame[];
  /** The longest time without a sign of the stream. */
  longestSilenceMs: DurationMs;
}

/** An hour of a sender, a network with late, lost and doubled packets, and a recorder's media side with its files. */
async function recordHour(scene: Scene): Promise<RecordedHour> {
  const { codec, senderPpm, senderOffMs, pictureEveryMs, answersAtOnce = false } = scene;
  const random = seededRandom(senderPpm);
  const happens = (chance: number) => random() < chance;
  const time = new VirtualTime(START);
  const { clock } = time;
  for (const { at, stepMs } of STEPS) time.planStep(at, stepMs);
  const onTheWay = (arrive: () => void, lateMs: DurationMs = 0) =>
    time.plan(time.now + ONE_WAY_MS - Math.log(1 - random()) * 3 + lateMs, arrive);

  const sender = new RecordedSender(codec, 1 + senderPpm / 1e6, senderOffMs);
  const feed = new FrameFeed(codec, clock, () => onTheWay(onKeyFrameRequest), silentLog());
  clock.onStep(() => feed.requestKeyFrame());
  const rig = await openWriterRig({
    codec,
    wallTimeOf: (rtpTicks) => clock.wallAt(feed.steadyTimeOf(rtpTicks)),
    clockSource: () => feed.clockSource,
    requestKeyFrame: () => feed.requestKeyFrame(),
  });
  const hour: RecordedHour = {
    ...{ rig, captured: [], frames: [], longestSilenceMs: 0 },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
  feed.addSink(rig.writer);
  feed.addSink({ push: (frame) => void hour.frames.push(frame) });

  function capture(): void {
    const { packets, ...picture } = sender.capture(time.now);
    hour.captured.push({ ...picture, at: time.now, wall: time.wallAt(time.now) });
    // One in a hundred is lost, and repaired in time.
    for (const packet of packets)
      onTheWay(() => feed.takePacket(packet), happens(0.01) ? 50 + random() * 900 : 0);
  }
  function onKeyFrameRequest(): void {
    sender.requestKeyFrame();
    if (answersAtOnce) capture();
  }
  function report(): void {
    const isSetRight = time.now >= SENDER_SET_RIGHT_AT;
    const told = sender.report(time.now, START + time.now - (isSetRight ? senderOffMs : 0));
    const arrive = () => feed.takeSenderReport(told, 2 * ONE_WAY_MS);
    onTheWay(arrive, happens(0.03) ? 300 + random() * 1_000 : 0);
    if (happens(0.02)) onTheWay(arrive, random() * 1_000);
  }
  time.planEvery(() => pictureEveryMs * (0.95 + random() * 0.1), capture);
  time.planEvery(() => 450 + random() * 450, report);
  time.planEvery(
    () => WATCH_EVERY_MS,
    () => {
      const silenceMs = clock.steady() - feed.lastSignAt;
      hour.longestSilenceMs = Math.max(hour.longestSilenceMs, silenceMs);
    },
  );
  await time.runUntil(HOUR_MS);
  feed[Symbol.dispose]();
  await rig.writer.seal();
  return hour;
}

/** Where each picture is in the files: the segment's start and the picture's time in it. */
async function readPlaces({ folder, segments }: WriterRig): Promise<EpochMs[]> {
  const places: EpochMs[] = [];
  for (const { id, startedAt } of segments) {
    using input = new Input({ source: new FilePathSource(join(folder, `${id}.scn`)), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw new Error(`segment ${id} has no picture`);
    const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
    for await (const { timestamp } of packets) places.push(startedAt + timestamp * 1_000);
  }
  return places;
}

/** How far pictures are from their time: those that must be right, and of each step those that wait for its key frame. */
function judge({ captured, frames }: RecordedHour, places: readonly EpochMs[]) {
  const capturedAs = new Map(captured.map((picture) => [picture.rtpTicks, picture]));
  const waits = STEPS.map(({ at, stepMs }) => {
    const end = captured.find((picture) => picture.key && picture.at >= at);
    return { from: at, to: end?.at ?? Number.POSITIVE_INFINITY, stepMs, errors: [] as DurationMs[] };
  });
  const errors: DurationMs[] = [];
  for (const [index, place] of places.entries()) {
    const picture = capturedAs.get(frames[index]?.rtpTicks ?? Number.NaN);
    if (picture === undefined) throw new Error(`picture ${index} of the files was never captured`);
    const wait = waits.find(({ from, to }) => picture.at >= from && picture.at < to);
    (wait?.errors ?? errors).push(place - picture.wall);
  }
  const sizes = errors.map((error) => Math.abs(error)).sort((a, b) => a - b);
  const [p99Ms = Number.NaN] = sizes.slice(Math.ceil(sizes.length * 0.99) - 1);
  return { judged: sizes.length, p99Ms, worstMs: sizes.at(-1) ?? Number.NaN, waits };
}

test.each([
  { codec: "vp9" as const, senderPpm: 200, senderOffMs: -30_000 },
  { codec: "h264" as const, senderPpm: -200, senderOffMs: 30_000 },
])(
  "an hour's $codec pictures of a clock that is $senderPpm ppm fast are within 40 ms of their time, each",
  async (sender) => {
    await using hour = await recordHour({ ...sender, pictureEveryMs: 200 });
    const { rig, captured, frames } = hour;
    const places = await readPlaces(rig);
    const { judged, p99Ms, worstMs, waits } = judge(hour, places);
    expect(rig.faults).toEqual([]);
    expect(places).toHaveLength(frames.length);
    // The last ones were still under way, and the first had to wait for a whole key picture.
    expect(captured.length - frames.length).toBeLessThan(15);
    expect(p99Ms).toBeLessThanOrEqual(40);
    expect(worstMs).toBeLessThanOrEqual(40);
    // A request and its answer: one picture or two are on the old time, and the rest of the hour is judged.
    for (const { stepMs, errors } of waits) {
      expect(errors.length).toBeLessThanOrEqual(2);
      for (const error of errors) expect(Math.abs(error + stepMs)).toBeLessThanOrEqual(40);
    }
    expect(judged).toBeGreaterThanOrEqual(frames.length - 2 * STEPS.length);
    // A minute each, and none is cut for drift.
    expect(rig.segments.length).toBeLessThanOrEqual(HOUR_MS / MINUTE_MS + STEPS.length + 1);
  },
);

test.each<[string, Codec, boolean]>([
  ["answers requests at once", "av1", true],
  ["shows a picture a minute", "vp8", false],
])(
  "a screen that is still for an hour and %s stays alive and keeps its place",
  async (_case, codec, answersAtOnce) => {
    const stillness = {
      codec,
      senderPpm: 200,
      senderOffMs: 30_000,
      pictureEveryMs: MINUTE_MS,
      answersAtOnce,
    };
    await using hour = await recordHour(stillness);
    const { rig, frames, longestSilenceMs } = hour;
    const places = await readPlaces(rig);
    const { judged, worstMs, waits } = judge(hour, places);
    expect(rig.faults).toEqual([]);
    expect(places).toHaveLength(frames.length);
    expect(judged).toBeGreaterThanOrEqual(HOUR_MS / MINUTE_MS - 2);
    expect(waits.flatMap(({ errors }) => errors)).toEqual([]);
    expect(worstMs).toBeLessThanOrEqual(40);
    expect(longestSilenceMs).toBeLessThan(SILENT_AFTER_MS);
  },
);
