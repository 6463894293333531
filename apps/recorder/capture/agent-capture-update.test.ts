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

beforeEach(() => {
  store = createFakeStore(10_000);
  media = new FakeMedia(() => store.clock.steady());
  agent = new AgentCapture("ann@contoso.com", {
    ...{ store, media, log: silentLog(), startedAt: 5_000, onFirstFrame: () => {} },
    policy: () => ({ framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" }),
  });
});

const link: DesktopLink = {
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  setPolicy: () => Promise.resolve(),
  dismiss: () => {},
};

function start(recordingId: string): void {
  const at = store.clock.time;
  const about = { agent: agent.agent, callSessionId: "c1", attributes: {} };
  agent.start({ ...about, recordingId, startedAt: at, orderedAt: at, stopNoLaterThan: at + 28_800_000 });
}

async function connect(appVersion = "1.0.0"): Promise<DesktopSession> {
  const desktop = agent.desktop({ agent: agent.agent, device: "PC-1", osUser: "ann", appVersion });
  await desktop.connect(link, { displays: [DISPLAY], appVersion, heldTransportId: null });
  return desktop;
}

async function produce(desktop: DesktopSession): Promise<FakeStream> {
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  const stream = media.streams.at(-1);
  if (stream === undefined) throw new Error("no stream was made");
  await settled();
  return stream;
}

function leave(desktop: DesktopSession): void {
  desktop.disconnect(link);
  agent.desktopLost();
}

/** Lets what a call has set going come to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a desktop that leaves for an update is a gap from its last packet to the new version's first picture", async () => {
  start("R1");
  const desktop = await connect();
  const before = await produce(desktop);
  before.show(10_200);
  store.clock.time = 10_900;
  await desktop.leaveForUpdate();
  leave(desktop);
  await agent.watch(15_000);
  store.clock.time = 16_000;
  const after = await produce(await connect("1.1.0"));
  after.show(16_300);
  await agent.end("R1", "seal");
  expect(store.journal.slice(2)).toEqual([
    "outage 1 until 10200",
    "outage 2 of R1/1 from 10200: desktop-updated",
    "R1/1 sealed with 1",
    "outage 2 until 16300",
    "R1/1 sealed with 1",
  ]);
  expect([before.isClosed, [...media.openTransports]]).toEqual([true, ["T2"]]);
});

test("a call that rings while its desktop is updated has that gap, and one after the return has the usual one", async () => {
  const desktop = await connect();
  await desktop.leaveForUpdate();
  leave(desktop);
  start("R1");
  const again = await connect("1.1.0");
  (await produce(again)).show(12_000);
  await agent.end("R1", "seal");
  await again.dropMedia();
  leave(again);
  store.clock.time = 20_000;
  start("R2");
  expect(store.journal.filter((line) => line.startsWith("outage"))).toEqual([
    "outage 1 of R1/* from 10000: desktop-updated",
    "outage 1 until 12000",
    "outage 2 of R2/* from 20000: desktop-offline",
  ]);
});
