import { beforeEach, expect, onTestFinished, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import type { AgentCapture } from "./agent-capture.ts";
import { CaptureCoordinator } from "./coordinator.ts";
import type { DesktopLink } from "./desktop-link.ts";
import type { DesktopSession } from "./desktop-session.ts";
import { FakeMedia, type FakeStream } from "./testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "./testing/fake-store.ts";

const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };
const HOUR_MS = 3_600_000;

let store: FakeStore;
let media: FakeMedia;
let agent: AgentCapture;
let desktop: DesktopSession;
let streams: FakeStream[];

const link: DesktopLink = {
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  setPolicy: () => Promise.resolve(),
  dismiss: () => {},
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An open recording with two screens, at 10 s. */
beforeEach(async () => {
  store = createFakeStore(10_000);
  media = new FakeMedia(() => store.clock.steady());
  const policy = {
    framesPerSecond: 5,
    maxBitrateKbps: 1_200,
    codecs: ["vp9" as const],
    monitors: "all" as const,
  };
  const coordinator = new CaptureCoordinator({ store, media, policy, log: silentLog() });
  onTestFinished(() => coordinator[Symbol.asyncDispose]());
  agent = coordinator.agent("ann@contoso.com");
  const identity = { agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0" };
  desktop = agent.desktop(identity);
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null });
  agent.start({
    recordingId: "R1",
    agent: agent.agent,
    callSessionId: "c1",
    startedAt: 10_000,
    orderedAt: 10_000,
    stopNoLaterThan: 28_800_000,
    attributes: {},
  });
  const { transportId } = await desktop.createTransport();
  for (const id of ["1", "2"]) await desktop.produce(transportId, { ...DISPLAY, id }, {});
  streams = media.streams;
  await settled();
});

test("when the clock is set, every screen is asked for a picture to begin the next file with", async () => {
  store.clock.step(2_500);
  await settled();
  expect(streams.map(({ keyFrameRequests }) => keyFrameRequests)).toEqual([1, 1]);
});

test.each([-HOUR_MS, HOUR_MS])(
  "a silence is noticed in time though the clock is set by %i ms, and told by the clock as it was",
  async (stepMs) => {
    for (const stream of streams) stream.show(10_400);
    store.clock.time = 11_000;
    store.clock.step(stepMs);
    await agent.watch(13_100);
    expect(store.journal.filter((line) => line.startsWith("outage"))).toEqual([]);
    await agent.watch(13_200);
    store.clock.time = 17_000;
    streams[0]?.show(17_000);
    expect(store.journal.filter((line) => line.startsWith("outage"))).toEqual([
      "outage 1 of R1/1 from 10400: connection-lost",
      "outage 2 of R1/2 from 10400: connection-lost",
      `outage 1 until ${17_000 + stepMs}`,
    ]);
  },
);

test("what was shown in a pause stays out, though the clock is set back in it", async () => {
  for (const stream of streams) stream.show(10_100);
  agent.pause();
  store.clock.time = 20_000;
  store.clock.step(-HOUR_MS);
  store.clock.time = 30_000;
  agent.resume();
  await settled();
  // Still under way when the pause ended.
  streams[0]?.show(29_990);
  streams[1]?.show(30_010);
  await agent.end("R1", "seal");
  expect(store.journal.filter((line) => /sealed|abandoned/.test(line))).toEqual([
    "R1/1 sealed with 1",
    "R1/2 sealed with 1",
    "R1/1 sealed with 0",
    "R1/2 sealed with 1",
  ]);
});

test("a desktop that is gone keeps its media for its lease, however the clock is set", async () => {
  for (const stream of streams) stream.show(10_400);
  desktop.disconnect(link);
  store.clock.time = 11_000;
  store.clock.step(-HOUR_MS);
  store.clock.time = 70_000;
  await agent.watch(70_000);
  expect(media.openTransports.size).toBe(1);
  await agent.watch(70_500);
  expect(media.openTransports.size).toBe(0);
  expect(desktop.view()).toMatchObject({ state: "offline", since: 10_000 });
});
