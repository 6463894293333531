/** Real packet loss between a real Chromium and a real recorder, by a relay of our own on the way. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Track } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { seededRandom } from "../../../e2e/dynamics/faults/seeded-random.ts";
import type { MediaIngress } from "../capture/ports.ts";
import { startMediaServer } from "./media-server.ts";
import { REPAIR_WAIT_MS } from "./rtp-reorderer.ts";
import { type ChromiumSender, launchSenders, startChromiumSender } from "./testing/chromium-sender.ts";
import { decodePictures } from "./testing/read-pictures.ts";
import { DISPLAY, openRecordedCall, type RecordedCall } from "./testing/recorded-call.ts";
import { relayMedia } from "./testing/relayed-media.ts";
import type { UdpRelay } from "./testing/udp-relay.ts";

const ADDRESS = { listenIp: "127.0.0.1", announcedAddress: null, port: 0, workers: 1 };
const SCENE = { width: 640, height: 360, bars: 60, framesPerSecond: 10, codec: "vp9" } as const;
/** From one picture to the next, as a busy machine may show them. */
const A_PICTURE_MS: DurationMs = 500;
/** The machine is shared: so much longer than it should may anything take. */
const SLACK_MS: DurationMs = 10_000;

/** Has a page for each call: it takes longer to start than to send. */
let browser: Browser;
beforeAll(async () => {
  browser = await launchSenders();
});
afterAll(() => browser.close());

interface LossyCall extends AsyncDisposable {
  call: RecordedCall;
  sender: ChromiumSender;
  relay: UdpRelay;
  /** RTP payload type of retransmissions. */
  repairType: number;
}

/** A call whose screen is being recorded, over a path that loses nothing so far. */
async function openLossyCall(): Promise<LossyCall> {
  await using parts = new AsyncDisposableStack();
  const clock = new WallClock();
  const media = relayMedia(parts.use(await startMediaServer(ADDRESS, silentLog(), clock)));
  const call = parts.use(await openRecordedCall(media, clock));
  const { desktop, transport } = call;
  let repairType = Number.NaN;
  // As the desktop's channel does it.
  const ingress: MediaIngress = {
    transportId: transport.transportId,
    iceParameters: transport.iceParameters,
    iceCandidates: transport.iceCandidates,
    dtlsParameters: transport.dtlsParameters,
    connect: (dtlsParameters) => desktop.connectTransport(transport.transportId, dtlsParameters),
    async produce(rtpParameters) {
      const { codecs } = rtpParameters as { codecs: { mimeType: string; payloadType: number }[] };
      repairType = codecs.find(({ mimeType }) => /\/rtx$/i.test(mimeType))?.payloadType ?? Number.NaN;
      await desktop.produce(transport.transportId, DISPLAY, rtpParameters);
      return media.track;
    },
    onLost() {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const host = { routerRtpCapabilities: media.routerRtpCapabilities, createIngress: async () => ingress };
  const sender = parts.use(await startChromiumSender(host, SCENE, browser));
  await expect.poll(() => sender.framesSent(), { timeout: 30_000 }).toBeGreaterThan(20);
  const owned = parts.move();
  return { call, sender, relay: media.relay, repairType, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Ends the call; its track, and how many pictures its files hold, all of which a decoder takes without complaint. */
async function endCall({ call }: LossyCall): Promise<{ track: Track; pictures: number }> {
  await call.say("agent-available");
  await expect.poll(() => call.recording().phase, { timeout: 30_000 }).toBe("sealed");
  const { tracks } = call.recording();
  const [track] = tracks;
  if (track === undefined) throw new Error("nothing was recorded");
  const decoded = await decodePictures(track.segments.map(({ id }) => call.fileOf(track.id, id)));
  expect(decoded.map(({ length }) => length)).toEqual(track.segments.map(({ frames }) => frames));
  return { track, pictures: decoded.flat().length };
}

/** The stretches without picture after the first one. */
function laterGaps(track: Track | undefined): { reason: string; from: number; lengthMs: DurationMs }[] {
  return (track?.coverage ?? []).flatMap(({ state, reason = "", from, to }) => {
    const lengthMs = Date.parse(to ?? "") - Date.parse(from);
    return state === "gap" && reason !== "late-start" ? [{ reason, from: Date.parse(from), lengthMs }] : [];
  });
}

test("a path that loses packets and swaps others costs next to no picture: they are sent again", async () => {
  await using lossy = await openLossyCall();
  const { relay, sender } = lossy;
  const random = seededRandom(4);
  const lossyForMs = 15_000;
  relay.fate = () => {
    if (random() < 0.05) return "lost";
    return random() < 0.2 ? Math.ceil(random() * 40) : 0;
  };
  await sleep(lossyForMs);
  relay.fate = () => 0;
  await sleep(REPAIR_WAIT_MS);
  const sent = await sender.framesSent();
  const { track, pictures } = await endCall(lossy);
  const missingMs = laterGaps(track).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  // Without repair they would cost more than half of the pictures.
  expect(relay.lost).toBeGreaterThan(10);
  expect(pictures / sent).toBeGreaterThan(0.9);
  expect(missingMs / lossyForMs).toBeLessThan(0.1);
});

test("a burst is repaired when the path is back", async () => {
  await using lossy = await openLossyCall();
  const { relay, sender } = lossy;
  relay.fate = () => "lost";
  await sleep(300);
  relay.fate = () => 0;
  await sleep(2 * REPAIR_WAIT_MS);
  const sent = await sender.framesSent();
  const { track, pictures } = await endCall(lossy);
  expect(relay.lost).toBeGreaterThan(2);
  expect(laterGaps(track)).toEqual([]);
  expect(pictures / sent).toBeGreaterThan(0.9);
});

test("a burst that is not repaired is a gap up to a key picture, which is asked for", async () => {
  await using lossy = await openLossyCall();
  const { call, relay, sender, repairType } = lossy;
  expect(repairType).toBeGreaterThan(0);
  const from = Date.now();
  relay.fate = () => "lost";
  await sleep(300);
  const until = Date.now();
  relay.fate = (bytes) => (((bytes[1] ?? 0) & 0x7f) === repairType ? "lost" : 0);
  const sentBefore = await sender.framesSent();
  await expect.poll(() => laterGaps(call.recording().tracks[0]), { timeout: 30_000 }).toHaveLength(1);
  await expect.poll(() => sender.framesSent(), { timeout: 30_000 }).toBeGreaterThan(sentBefore + 30);
  const { track } = await endCall(lossy);
  const [gap, ...others] = laterGaps(track);
  expect([gap?.reason, others]).toEqual(["loss", []]);
  const [lostFrom, lostTo] = [gap?.from ?? Number.NaN, (gap?.from ?? 0) + (gap?.lengthMs ?? 0)];
  expect(lostFrom).toBeGreaterThan(from - A_PICTURE_MS);
  expect(lostFrom).toBeLessThan(until + A_PICTURE_MS);
  expect(lostTo).toBeGreaterThan(until);
  expect(lostTo).toBeLessThan(until + REPAIR_WAIT_MS + SLACK_MS);
  expect(track.coverage.at(-1)?.state).toBe("captured");
});

test("a monitor that is unplugged and plugged in again goes on in its track over the same transport", async () => {
  await using lossy = await openLossyCall();
  const { call, sender } = lossy;
  await sender.unplug();
  const offAt = Date.now();
  await call.desktop.closeProducer(sender.track.producerId, "monitor-off");
  await sleep(4_000);
  const onAt = Date.now();
  await sender.plugIn();
  await expect.poll(() => sender.framesSent(), { timeout: 30_000 }).toBeGreaterThan(20);
  const { track } = await endCall(lossy);
  expect(call.recording().tracks).toHaveLength(1);
  const [gap, ...others] = laterGaps(track);
  expect([gap?.reason, others]).toEqual(["monitor-off", []]);
  const [from, to] = [gap?.from ?? Number.NaN, (gap?.from ?? 0) + (gap?.lengthMs ?? 0)];
  expect(from).toBeGreaterThan(offAt - A_PICTURE_MS);
  expect(from).toBeLessThan(onAt);
  expect(to).toBeGreaterThan(onAt);
  expect(to).toBeLessThan(onAt + SLACK_MS);
  expect(track.segments).toHaveLength(2);
  expect(track.coverage.at(-1)?.state).toBe("captured");
});
