import { beforeEach, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { AgentCapture } from "./agent-capture.ts";
import type { DesktopSession } from "./desktop-session.ts";
import { FakeMedia, type FakeStream } from "./testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "./testing/fake-store.ts";

const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };

let store: FakeStore;
let agent: AgentCapture;
let desktop: DesktopSession;
let stream: FakeStream;
let media: FakeMedia;

const settled = () => new Promise((resolve) => setImmediate(resolve));
const outages = () => store.journal.filter((line) => line.startsWith("outage"));

/** A desktop whose only stream has shown its first picture at 10 s. */
beforeEach(async () => {
  store = createFakeStore(10_000);
  media = new FakeMedia(() => store.clock.steady());
  agent = new AgentCapture("ann@contoso.com", {
    store,
    media,
    policy: () => ({ framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" }),
    log: silentLog(),
    startedAt: 5_000,
    onFirstFrame: () => {},
  });
  desktop = agent.desktop({ agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0" });
  await desktop.connect(
    {
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      setPolicy: () => Promise.resolve(),
      dismiss() {},
    },
    { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null },
  );
  agent.start({
    ...{ recordingId: "R1", agent: agent.agent, callSessionId: "c1", attributes: {} },
    ...{ startedAt: 10_000, orderedAt: 10_000, stopNoLaterThan: 28_810_000 },
  });
  await produceAnew();
  stream.show(10_000);
});

test("lost pictures are a gap up to the next key picture, noted when it comes", () => {
  stream.lose(12_000);
  expect(outages()).toEqual([]);
  stream.show(12_700);
  expect(outages()).toEqual(["outage 1 of R1/1 from 12000: loss", "outage 1 until 12700"]);
});

test.each<[string, string, () => Promise<unknown> | null | void]>([
  ["the recording", "outage 1 until 13000", () => agent.end("R1", "seal")],
  ["a pause", "outage 1 until 13000", () => agent.pause()],
])("a loss that no key picture ends is a gap to the end: of %s", async (_end, until, end) => {
  stream.lose(12_000);
  store.clock.time = 13_000;
  await end();
  expect(outages()).toEqual(["outage 1 of R1/1 from 12000: loss", until]);
});

test("a loss before a monitor goes off ends there", async () => {
  stream.lose(12_000);
  store.clock.time = 13_000;
  await desktop.closeProducer(stream.producerId, "monitor-off");
  expect(outages()).toEqual([
    "outage 1 of R1/1 from 12000: loss",
    "outage 1 until 13000",
    "outage 2 of R1/1 from 13000: monitor-off",
  ]);
});

test("what is lost before a recording's first picture is its late start, no loss", async () => {
  agent.start({
    ...{ recordingId: "R2", agent: agent.agent, callSessionId: "c2", attributes: {} },
    ...{ startedAt: 11_000, orderedAt: 11_000, stopNoLaterThan: 28_810_000 },
  });
  await settled();
  stream.lose(12_000);
  stream.show(12_700);
  expect(outages()).toEqual(["outage 1 of R1/1 from 12000: loss", "outage 1 until 12700"]);
});

test("a loss that becomes a silence is both, in this order", async () => {
  stream.lose(12_000);
  stream.lastSignAt = 12_500;
  await agent.watch(16_000);
  stream.show(17_000);
  expect(outages()).toEqual([
    "outage 1 of R1/1 from 12500: connection-lost",
    "outage 2 of R1/1 from 12000: loss",
    "outage 2 until 17000",
    "outage 1 until 17000",
  ]);
});

test("a locked session is a gap with its reason until it is unlocked", async () => {
  store.clock.time = 12_000;
  await desktop.closeProducer(stream.producerId, "session-locked");
  // The desktop says so again when it is told to capture.
  desktop.failDisplay(DISPLAY, "session-locked", "the session is locked");
  store.clock.time = 15_000;
  await produceAnew();
  stream.show(15_500);
  expect(outages()).toEqual(["outage 1 of R1/1 from 12000: session-locked", "outage 1 until 15500"]);
});

test("a call that comes to a locked session has a gap from its beginning, with the reason", async () => {
  await desktop.closeProducer(stream.producerId, "session-locked");
  await agent.end("R1", "seal");
  store.journal.length = 0;
  agent.start({
    ...{ recordingId: "R2", agent: agent.agent, callSessionId: "c2", attributes: {} },
    ...{ startedAt: 20_000, orderedAt: 20_000, stopNoLaterThan: 28_810_000 },
  });
  store.clock.time = 20_100;
  desktop.failDisplay(DISPLAY, "session-locked", "the session is locked");
  await produceAnew();
  stream.show(23_000);
  expect(store.journal.slice(0, 3)).toEqual([
    "track R2/PC-1/1/vp9 is R2/1",
    expect.stringMatching(/^outage \d+ of R2\/1 from 20100: session-locked$/),
    expect.stringMatching(/^outage \d+ until 23000$/),
  ]);
});

async function produceAnew(): Promise<void> {
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  const made = media.streams.at(-1);
  if (made === undefined) throw new Error("no stream was made");
  stream = made;
  await settled();
}
