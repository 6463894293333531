import { beforeEach, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { AgentCapture, CAPTURE_LEASE_MS } from "./agent-capture.ts";
import type { DesktopLink } from "./desktop-link.ts";
import type { DesktopSession } from "./desktop-session.ts";
import type { CaptureOrder } from "./ports.ts";
import { FakeMedia, type FakeStream } from "./testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "./testing/fake-store.ts";

const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };
const SECOND_DISPLAY = { ...DISPLAY, id: "2", primary: false };

let store: FakeStore;
let media: FakeMedia;
let agent: AgentCapture;
let firstFrames: string[];
let told: string[];

beforeEach(() => {
  store = createFakeStore(10_000);
  media = new FakeMedia(() => store.clock.steady());
  firstFrames = [];
  told = [];
  agent = new AgentCapture("ann@contoso.com", {
    store,
    media,
    policy: () => ({ framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" }),
    log: silentLog(),
    startedAt: 5_000,
    onFirstFrame: (order, writtenAt) =>
      firstFrames.push(`${order.recordingId} after ${writtenAt - order.orderedAt}`),
  });
});

const order = (recordingId: string, facts: Partial<CaptureOrder> = {}): CaptureOrder => ({
  recordingId,
  agent: "ann@contoso.com",
  callSessionId: "c1",
  startedAt: store.clock.time - 100,
  orderedAt: store.clock.time,
  stopNoLaterThan: store.clock.time + 28_800_000,
  attributes: { customer: "+1", queue: "Billing", direction: "inbound" },
  ...facts,
});

const link: DesktopLink = {
  start: ({ calls, paused }) => {
    told.push(`${paused ? "pause" : "start"} ${calls.map((call) => call.recordingId).join("+")}`);
    return Promise.resolve();
  },
  stop: () => {
    told.push("stop");
    return Promise.resolve();
  },
  setPolicy: () => Promise.resolve(),
  dismiss: (reason) => told.push(`dismissed: ${reason}`),
};

async function connectDesktop(
  heldTransportId: string | null = null,
  place: { device?: string; osUser?: string } = {},
): Promise<DesktopSession> {
  const identity = { agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0", ...place };
  const desktop = agent.desktop(identity);
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId });
  return desktop;
}

async function produce(desktop: DesktopSession, display = DISPLAY): Promise<FakeStream> {
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, display, {});
  return newest();
}

function newest(): FakeStream {
  const stream = media.streams.at(-1);
  if (stream === undefined) throw new Error("no stream was made");
  return stream;
}

/** A catalogue whose disk is full. */
function refusingCatalogue(): FakeStore["catalogue"] {
  const refuse = () => {
    throw new Error("database or disk is full");
  };
  return { openTrack: refuse, addSegment: refuse, openOutage: refuse, closeOutage: refuse };
}

/** Lets what a call has set going come to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the first order starts the desktop, the next one tells the calls anew, the last end stops it", async () => {
  await connectDesktop();
  agent.start(order("R1"));
  agent.start(order("R2"));
  await agent.end("R1", "seal");
  await agent.end("R2", "seal");
  expect(told).toEqual(["start R1", "start R1+R2", "start R2", "stop"]);
});

test("the tray is told customer, queue and start of a call, and nothing else of it", () => {
  agent.start(order("R1"));
  expect(agent.command()?.calls).toEqual([
    { recordingId: "R1", since: 9_900, customer: "+1", queue: "Billing" },
  ]);
});

test("a stream goes to every open recording, also to one that begins while it runs", async () => {
  agent.start(order("R1"));
  const stream = await produce(await connectDesktop());
  await settled();
  stream.show(10_500);
  store.clock.time = 11_000;
  agent.start(order("R2"));
  await settled();
  stream.show(11_100);
  await agent.end("R1", "seal");
  stream.show(11_300);
  await agent.end("R2", "seal");
  expect(store.journal.filter((line) => line.includes("sealed"))).toEqual([
    "R1/1 sealed with 2",
    "R2/1 sealed with 2",
  ]);
  expect(firstFrames).toEqual(["R1 after 500", "R2 after 100"]);
});

test("a desktop that is offline at the ring is a gap from the first event to the first frame", async () => {
  agent.start(order("R1"));
  store.clock.time = 14_000;
  const stream = await produce(await connectDesktop());
  await settled();
  stream.show(14_250);
  await agent.end("R1", "seal");
  expect(store.journal).toEqual([
    "outage 1 of R1/* from 9900: desktop-offline",
    "track R1/PC-1/1/vp9 is R1/1",
    "outage 1 until 14250",
    "R1/1 sealed with 1",
  ]);
});

test("an order whose events are older than this recorder has its gap from the recorder's start", () => {
  agent.start(order("R1", { startedAt: 1_000 }));
  expect(store.journal).toEqual(["outage 1 of R1/* from 5000: desktop-offline"]);
});

test("after a restart a desktop has 5 s to return before it counts as offline", async () => {
  agent.start(order("R1", { startedAt: 1_000, orderedAt: 1_100 }));
  await agent.watch(9_999);
  expect(store.journal).toEqual([]);
  await agent.watch(10_250);
  await agent.watch(10_500);
  expect(store.journal).toEqual(["outage 1 of R1/* from 10000: desktop-offline"]);
});

test("after a restart a desktop that returns in time was never offline", async () => {
  agent.start(order("R1", { startedAt: 1_000, orderedAt: 1_100 }));
  const stream = await produce(await connectDesktop());
  await settled();
  stream.show(9_000);
  await agent.watch(10_250);
  expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1"]);
});

test("a desktop that never comes is a gap to the end", async () => {
  agent.start(order("R1"));
  store.clock.time = 20_000;
  await agent.end("R1", "seal");
  expect(store.journal).toEqual(["outage 1 of R1/* from 9900: desktop-offline", "outage 1 until 20000"]);
});

test("a silent stream is a gap from its last packet to the next frame", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  stream.show(10_400);
  await agent.watch(13_100);
  const knownBefore = store.journal.filter((line) => line.startsWith("outage"));
  await agent.watch(13_200);
  await agent.watch(16_000);
  stream.show(17_000);
  const known = store.journal.filter((line) => line.startsWith("outage"));
  expect([knownBefore, known]).toEqual([
    [],
    ["outage 1 of R1/1 from 10400: connection-lost", "outage 1 until 17000"],
  ]);
});

test("a stream that is back without a picture is asked for one", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  await agent.watch(13_000);
  const before = stream.keyFrameRequests;
  stream.lastSignAt = 15_000;
  await agent.watch(15_250);
  expect([before, stream.keyFrameRequests]).toEqual([0, 1]);
});

test("a desktop that was restarted goes on with its track, in a new file", async () => {
  agent.start(order("R1"));
  const first = await produce(await connectDesktop());
  await settled();
  first.show(10_200);
  store.clock.time = 12_000;
  const second = await produce(await connectDesktop());
  await settled();
  second.show(12_300);
  await agent.end("R1", "seal");
  expect(store.journal.slice(1)).toEqual([
    "track R1/PC-1/1/vp9 is R1/1",
    "outage 1 until 10200",
    "outage 2 of R1/1 from 10200: connection-lost",
    "R1/1 sealed with 1",
    "outage 2 until 12300",
    "R1/1 sealed with 1",
  ]);
  expect([first.isClosed, [...media.openTransports]]).toEqual([true, ["T2"]]);
});

test("a lost socket alone costs no picture: the same transport goes on", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  stream.show(10_200);
  desktop.disconnect(link);
  agent.desktopLost();
  await agent.watch(10_400);
  stream.show(10_600);
  await connectDesktop("T1");
  stream.show(10_800);
  await agent.end("R1", "seal");
  expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 sealed with 3"]);
});

test("the media of a desktop that stays away is let go when its lease is over", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  desktop.disconnect(link);
  await agent.watch(10_000 + CAPTURE_LEASE_MS);
  const before = stream.isClosed;
  await agent.watch(10_001 + CAPTURE_LEASE_MS);
  expect([before, stream.isClosed, [...media.openTransports]]).toEqual([false, true, []]);
});

test("a monitor that is switched off is a gap of its own track only", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  const off = await desktop.produce(transportId, SECOND_DISPLAY, {});
  await settled();
  store.clock.time = 15_000;
  await desktop.closeProducer(off, "monitor-off");
  expect(store.journal).toEqual([
    "track R1/PC-1/1/vp9 is R1/1",
    "track R1/PC-1/2/vp9 is R1/2",
    "outage 1 of R1/2 from 15000: monitor-off",
    "R1/2 sealed with 0",
  ]);
});

test("a display that cannot be captured is a track with a gap until it works", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  desktop.failDisplay(DISPLAY, "desktop-error", "permission denied");
  const stream = await produce(desktop);
  await settled();
  stream.show(11_000);
  expect(store.journal).toEqual([
    "track R1/PC-1/1/vp9 is R1/1",
    "outage 1 of R1/1 from 10000: desktop-error",
    "outage 1 until 11000",
  ]);
});

test("a full disk is a gap until a file takes frames again", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  stream.show(10_200);
  store.clock.time = 10_500;
  store.writers[0]?.onFault(new Error("ENOSPC"), "disk-full");
  stream.show(10_600);
  const during = store.journal.at(-1);
  store.writers[0]?.onFirstFrameWritten("000002", 16_000);
  expect([during, store.journal.at(-1)]).toEqual([
    "outage 1 of R1/1 from 10500: disk-full",
    "outage 1 until 16000",
  ]);
});

test("frames that are in no file are a gap, also when the end has come meanwhile", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  await produce(desktop);
  await settled();
  await agent.end("R1", "seal");
  store.writers[0]?.onFramesLost(10_200, 12_000, "disk-full");
  expect(store.journal.slice(-2)).toEqual(["outage 1 of R1/1 from 10200: disk-full", "outage 1 until 12000"]);
});

test("a catalogue that refuses costs no frame, and gets in order what it missed", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  stream.show(10_200);
  const { catalogue } = store;
  store.catalogue = refusingCatalogue();
  await agent.watch(13_200);
  stream.show(14_000);
  agent.start(order("R2"));
  await settled();
  stream.show(14_200);
  const ending = agent.end("R1", "seal");
  await expect(ending).rejects.toMatchObject({ code: "NOT_IN_CATALOGUE" });
  const during = [...store.journal];
  store.catalogue = catalogue;
  await agent.end("R1", "seal");
  store.clock.time = 19_001;
  await agent.watch(19_001);
  await settled();
  stream.show(19_100);
  await agent.end("R2", "seal");
  expect(during).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 sealed with 3"]);
  expect(store.journal.slice(during.length)).toEqual([
    "outage 1 of R1/1 from 10200: connection-lost",
    "outage 1 until 14000",
    "track R2/PC-1/1/vp9 is R2/1",
    "R2/1 sealed with 1",
  ]);
  expect(firstFrames).toEqual(["R1 after 200", "R2 after 9100"]);
});

test("a discarded recording takes no frame any more and seals nothing", async () => {
  const desktop = await connectDesktop();
  agent.start(order("R1"));
  const stream = await produce(desktop);
  await settled();
  stream.show(10_200);
  const ended = agent.end("R1", "discard");
  stream.show(10_400);
  await ended;
  expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 abandoned with 1"]);
});

test("nothing is taken from a desktop without an open recording", async () => {
  const desktop = await connectDesktop();
  await expect(produce(desktop)).rejects.toMatchObject({ code: "NOT_RECORDING" });
});

test("a desktop's lease is a minute, and never beyond the last recording's limit", () => {
  const before = agent.stopNoLaterThan();
  agent.start(order("R1", { stopNoLaterThan: 10_000 + CAPTURE_LEASE_MS - 1 }));
  const limited = agent.stopNoLaterThan();
  agent.start(order("R1", { stopNoLaterThan: 10_000 + 2 * CAPTURE_LEASE_MS }));
  expect([before, limited, agent.stopNoLaterThan()]).toEqual([
    null,
    10_000 + CAPTURE_LEASE_MS - 1,
    10_000 + CAPTURE_LEASE_MS,
  ]);
});

test("the directory tells each desktop's state and since when", async () => {
  const desktop = await connectDesktop();
  const states = [agent.views()[0]];
  store.clock.time = 11_000;
  agent.start(order("R1"));
  await produce(desktop);
  states.push(agent.views()[0]);
  store.clock.time = 12_000;
  desktop.disconnect(link);
  states.push(agent.views()[0]);
  const facts = { device: "PC-1", displays: [DISPLAY], appVersion: "0.1.0", figures: null };
  expect(states).toEqual([
    { ...facts, state: "idle", since: 10_000 },
    { ...facts, state: "recording", since: 11_000 },
    { ...facts, state: "offline", since: 12_000 },
  ]);
});
