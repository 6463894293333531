import { beforeEach, expect, onTestFinished, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { CaptureCoordinator } from "./coordinator.ts";
import type { DesktopLink } from "./desktop-link.ts";
import type { DesktopSession } from "./desktop-session.ts";
import { FakeMedia } from "./testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "./testing/fake-store.ts";

const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };

let store: FakeStore;
let desktop: DesktopSession;

const link: DesktopLink = {
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  setPolicy: () => Promise.resolve(),
  dismiss: () => {},
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An open recording and a desktop that would rather send AV1 but cannot: its streams are VP9. */
beforeEach(async () => {
  store = createFakeStore(10_000);
  const media = new FakeMedia(() => store.clock.steady());
  const policy = {
    framesPerSecond: 5,
    maxBitrateKbps: 1_200,
    codecs: ["av1" as const, "vp9" as const],
    monitors: "all" as const,
  };
  const coordinator = new CaptureCoordinator({ store, media, policy, log: silentLog() });
  onTestFinished(() => coordinator[Symbol.asyncDispose]());
  const agent = coordinator.agent("ann@contoso.com");
  desktop = agent.desktop({ agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0" });
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
});

test("a display that fails after it was captured has its gap in the track that it has", async () => {
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  await settled();
  desktop.failDisplay(DISPLAY, "desktop-error", "the encoder broke");
  expect(store.journal).toEqual([
    "track R1/PC-1/1/vp9 is R1/1",
    "outage 1 of R1/1 from 10000: desktop-error",
  ]);
});

test("a display that was never captured has its gap in a track of the codec that is preferred", () => {
  desktop.failDisplay(DISPLAY, "desktop-error", "permission denied");
  expect(store.journal).toEqual([
    "track R1/PC-1/1/av1 is R1/1",
    "outage 1 of R1/1 from 10000: desktop-error",
  ]);
});
