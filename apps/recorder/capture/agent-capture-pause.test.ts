import { beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { AgentCapture } from "./agent-capture.ts";
import type { CaptureCommand, DesktopLink } from "./desktop-link.ts";
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
  start: ({ calls, paused }: CaptureCommand) => {
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

function start(recordingId: string): void {
  agent.start({
    recordingId,
    agent: agent.agent,
    callSessionId: "c1",
    startedAt: store.clock.time,
    orderedAt: store.clock.time,
    stopNoLaterThan: store.clock.time + 28_800_000,
    attributes: {},
  });
}

async function connect(device = "PC-1", osUser = "ann"): Promise<DesktopSession> {
  const desktop = agent.desktop({ agent: agent.agent, device, osUser, appVersion: "0.1.0" });
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null });
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

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a pause", () => {
  test("seals what there is at once, takes no frame that still comes, and goes on in a new file", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    store.clock.time = 10_200;
    agent.pause();
    stream.show(10_210);
    await settled();
    stream.show(10_400);
    expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 sealed with 1"]);

    store.clock.time = 12_000;
    agent.resume();
    await settled();
    stream.show(12_100);
    stream.show(12_300);
    await agent.end("R1", "seal");
    expect(store.journal.slice(1)).toEqual(["R1/1 sealed with 1", "R1/1 sealed with 2"]);
    expect(told).toEqual(["start R1", "pause R1", "start R1", "stop"]);
  });

  test("keeps out what was on the screen before its end, however late it comes in", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    store.clock.time = 11_000;
    agent.pause();
    store.clock.time = 12_000;
    agent.resume();
    await settled();
    const asked = stream.keyFrameRequests;
    // Taken by the desktop in the pause, received after it.
    stream.show(11_990);
    expect(stream.keyFrameRequests).toBe(asked + 1);
    stream.show(12_050);
    await agent.end("R1", "seal");
    expect(store.journal).toContain("R1/1 sealed with 1");
  });

  test("holds for a recording that begins in it, until it ends", async () => {
    agent.pause();
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    expect(store.journal).toEqual([]);
    store.clock.time = 11_000;
    agent.resume();
    await settled();
    stream.show(11_100);
    await agent.end("R1", "seal");
    expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 sealed with 1"]);
    expect(told).toEqual(["pause R1", "start R1", "stop"]);
  });

  test("is told to a desktop that connects in it, and nothing is told without a recording", async () => {
    agent.pause();
    expect(agent.command()).toBe(null);
    start("R1");
    expect(agent.command()).toMatchObject({ paused: true, calls: [{ recordingId: "R1" }] });
    await connect();
    await agent.end("R1", "seal");
    agent.resume();
    expect(told).toEqual(["stop"]);
  });

  test("is no gap when the desktop lets go of its streams as it was told", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    agent.pause();
    await desktop.closeProducer(stream.producerId, "stopped");
    store.clock.time = 12_000;
    await agent.watch(12_000);
    agent.resume();
    const next = await produce(desktop);
    next.show(12_200);
    await agent.end("R1", "seal");
    expect(store.journal).toEqual([
      "track R1/PC-1/1/vp9 is R1/1",
      "R1/1 sealed with 1",
      "R1/1 sealed with 1",
    ]);
  });

  test("that ends while the desktop is away leaves a gap from there to the first frame", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    agent.pause();
    await desktop.closeProducer(stream.producerId, "stopped");
    desktop.disconnect(link);
    agent.desktopLost();
    store.clock.time = 12_000;
    agent.resume();
    await connect();
    const next = await produce(desktop);
    next.show(13_000);
    await agent.end("R1", "seal");
    expect(store.journal.filter((line) => line.startsWith("outage"))).toEqual([
      "outage 1 of R1/1 from 12000: connection-lost",
      "outage 1 until 13000",
    ]);
  });

  test("and its end are idempotent", async () => {
    await connect();
    start("R1");
    agent.pause();
    agent.pause();
    agent.resume();
    agent.resume();
    expect(told).toEqual(["start R1", "pause R1", "start R1"]);
  });

  test("is the state of every desktop that is there, with or without a recording", async () => {
    const desktop = await connect();
    await connect("PC-2");
    store.clock.time = 11_000;
    agent.pause();
    desktop.disconnect(link);
    expect(agent.views().map(({ device, state, since }) => [device, state, since])).toEqual([
      ["PC-1", "offline", 11_000],
      ["PC-2", "paused", 11_000],
    ]);
    agent.resume();
    expect(agent.views().map(({ state }) => state)).toEqual(["offline", "idle"]);
  });
});

describe("several desktops of one agent", () => {
  test("are tracks of one recording", async () => {
    start("R1");
    const [first, second] = [await connect("PC-1"), await connect("PC-2")];
    for (const stream of [await produce(first), await produce(second)]) stream.show(10_100);
    await agent.end("R1", "seal");
    expect(store.journal.filter((line) => line.startsWith("track"))).toEqual([
      "track R1/PC-1/1/vp9 is R1/1",
      "track R1/PC-2/1/vp9 is R1/2",
    ]);
  });

  test("on one device are apart: each OS user's session has its own track", async () => {
    start("R1");
    const [first, second] = [await connect("PC-1", "ann"), await connect("pc-1", "kiosk")];
    for (const stream of [await produce(first), await produce(second)]) stream.show(10_100);
    await agent.end("R1", "seal");
    expect(store.journal.filter((line) => line.includes("sealed"))).toEqual([
      "R1/1 sealed with 1",
      "R1/2 sealed with 1",
    ]);
    expect(store.journal.filter((line) => line.startsWith("track"))).toEqual([
      "track R1/PC-1/1/vp9 is R1/1",
      "track R1/pc-1 (kiosk)/1/vp9 is R1/2",
    ]);
  });
});

test("a desktop that becomes somebody else's ends its tracks here and now, and is sent away", async () => {
  const [mine, other] = [await connect("PC-1"), await connect("PC-2")];
  start("R1");
  const streams = [await produce(mine), await produce(other)];
  for (const stream of streams) stream.show(10_100);
  store.clock.time = 11_000;
  await agent.releaseExcept(({ device }) => device === "PC-1");
  for (const stream of streams) stream.show(11_100);
  expect(agent.views().map(({ device }) => device)).toEqual(["PC-1"]);
  expect(told).toContain("dismissed: moved");
  expect(media.openTransports.size).toBe(1);
  await agent.end("R1", "seal");
  expect(store.journal).toContain("outage 1 of R1/2 from 11000: desktop-offline");
  expect(store.journal.filter((line) => line.includes("sealed"))).toEqual([
    "R1/2 sealed with 1",
    "R1/1 sealed with 2",
  ]);
});
