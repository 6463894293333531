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
    ...{ store, media, log: silentLog(), startedAt: 5_000, onFirstFrame: () => {} },
    policy: () => ({ framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" }),
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
  dismiss: () => told.push("dismissed"),
};

function start(recordingId: string): void {
  const at = store.clock.time;
  const about = { agent: agent.agent, callSessionId: "c1", attributes: {} };
  agent.start({ ...about, recordingId, startedAt: at, orderedAt: at, stopNoLaterThan: at + 28_800_000 });
}

async function connect(): Promise<DesktopSession> {
  const about = { device: "PC-1", osUser: "ann", appVersion: "0.1.0" };
  const desktop = agent.desktop({ agent: agent.agent, ...about });
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

describe("a full disk", () => {
  test("seals what runs, is a gap until there is room, and recording goes on in a new file", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    store.clock.time = 10_200;
    agent.hold("disk-full");
    stream.show(10_300);
    await settled();
    store.clock.time = 60_000;
    agent.release();
    await settled();
    stream.show(60_100);
    await agent.end("R1", "seal");
    expect(store.journal).toEqual([
      "track R1/PC-1/1/vp9 is R1/1",
      "outage 1 of R1/1 from 10200: disk-full",
      "R1/1 sealed with 1",
      "outage 1 until 60000",
      "R1/1 sealed with 1",
    ]);
    expect(told).toEqual(["start R1", "pause R1", "start R1", "stop"]);
  });

  test("lets a recording exist that begins in it, without a file", async () => {
    agent.hold("disk-full");
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    stream.show(10_100);
    store.clock.time = 12_000;
    await agent.end("R1", "seal");
    expect(store.journal).toEqual(["outage 1 of R1/* from 10000: disk-full", "outage 1 until 12000"]);
    expect(store.writers).toEqual([]);
  });

  test("names the gap also of a desktop that is away, until there is room; from then on the desktop does", async () => {
    agent.hold("disk-full");
    start("R1");
    await agent.watch(20_000);
    store.clock.time = 30_000;
    agent.release();
    store.clock.time = 31_000;
    await agent.end("R1", "seal");
    expect(store.journal).toEqual([
      "outage 1 of R1/* from 10000: disk-full",
      "outage 1 until 30000",
      "outage 2 of R1/* from 30000: desktop-offline",
      "outage 2 until 31000",
    ]);
  });

  test("and a pause last as long as the longer of them", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    agent.hold("disk-full");
    store.clock.time = 11_000;
    agent.pause();
    store.clock.time = 12_000;
    agent.resume();
    await settled();
    stream.show(12_100);
    expect(agent.views()).toMatchObject([{ state: "paused", since: 10_000 }]);
    store.clock.time = 13_000;
    agent.pause();
    agent.release();
    await settled();
    stream.show(13_100);
    store.clock.time = 14_000;
    agent.resume();
    await settled();
    stream.show(14_100);
    await agent.end("R1", "seal");
    expect(store.journal).toEqual([
      "track R1/PC-1/1/vp9 is R1/1",
      "outage 1 of R1/1 from 10000: disk-full",
      "R1/1 sealed with 0",
      "outage 1 until 13000",
      "R1/1 sealed with 1",
    ]);
  });

  test("that comes and goes twice is two gaps, and a repeated word of it none", async () => {
    const desktop = await connect();
    start("R1");
    const stream = await produce(desktop);
    for (const at of [20_000, 30_000]) {
      store.clock.time = at;
      agent.hold("disk-full");
      agent.hold("disk-full");
      store.clock.time = at + 5_000;
      agent.release();
      agent.release();
      await settled();
      stream.show(at + 5_100);
    }
    await agent.end("R1", "seal");
    expect(store.journal.filter((line) => line.startsWith("outage"))).toEqual([
      "outage 1 of R1/1 from 20000: disk-full",
      "outage 1 until 25000",
      "outage 2 of R1/1 from 30000: disk-full",
      "outage 2 until 35000",
    ]);
  });
});
