import { beforeEach, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { AgentCapture } from "./agent-capture.ts";
import type { DesktopLink } from "./desktop-link.ts";
import type { DesktopSession } from "./desktop-session.ts";
import { FakeMedia, type FakeStream } from "./testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "./testing/fake-store.ts";

const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };

let store: FakeStore;
let media: FakeMedia;
let agent: AgentCapture;
let told: string[];

beforeEach(() => {
  store = createFakeStore(10_000);
  media = new FakeMedia(() => store.clock.steady());
  told = [];
  agent = new AgentCapture("ann@contoso.com", {
    store,
    media,
    policy: () => ({ framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" }),
    log: silentLog(),
    startedAt: 5_000,
    onFirstFrame: () => {},
  });
});

const link: DesktopLink = {
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  setPolicy: () => Promise.resolve(),
  dismiss: (reason) => told.push(reason),
};

function start(): void {
  agent.start({
    recordingId: "R1",
    agent: agent.agent,
    callSessionId: "c1",
    startedAt: store.clock.time,
    orderedAt: store.clock.time,
    stopNoLaterThan: store.clock.time + 28_800_000,
    attributes: {},
  });
}

async function connect(heldTransportId: string | null = null): Promise<DesktopSession> {
  const desktop = agent.desktop({ agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0" });
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId });
  return desktop;
}

async function produce(desktop: DesktopSession): Promise<FakeStream> {
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  const stream = media.streams.at(-1);
  if (stream === undefined) throw new Error("no stream was made");
  await new Promise((resolve) => setImmediate(resolve));
  return stream;
}

test("a media worker's death is a gap of its own, and the desktop is sent for again", async () => {
  const desktop = await connect();
  start();
  const stream = await produce(desktop);
  stream.show(10_200);
  store.clock.time = 11_000;
  media.loseWorkers();
  expect(told.at(-1)).toBe("media-lost");
  desktop.disconnect(link);
  await connect("T1");
  const next = await produce(desktop);
  next.show(12_000);
  expect(store.journal).toEqual([
    "track R1/PC-1/1/vp9 is R1/1",
    "outage 1 of R1/1 from 10200: media-worker-restart",
    "R1/1 sealed with 1",
    "outage 1 until 12000",
  ]);
});

test("a transport that was given up already tells nothing when its worker dies", async () => {
  const desktop = await connect();
  start();
  await produce(desktop);
  await desktop.dropMedia();
  media.loseWorkers();
  expect(told).toEqual([]);
});
