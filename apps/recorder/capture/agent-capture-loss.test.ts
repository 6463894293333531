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

const settled = () => new Promise((resolve) => setImmediate(resolve));
const outages = () => store.journal.filter((line) => line.startsWith("outage"));

/** A desktop whose only stream has shown its first picture at 10 s. */
beforeEach(async () => {
  store = createFakeStore(10_000);
  const media = new FakeMedia(() => store.clock.steady());
  agent = new AgentCapture("ann@contoso.com", {
    store,
    media,
    policy: { framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" },
    log: silentLog(),
    startedAt: 5_000,
    onFirstFrame: () => {},
  });
  desktop = agent.desktop({ agent: agent.agent, device: "PC-1", osUser: "ann", appVersion: "0.1.0" });
  await desktop.connect(
    { start: () => Promise.resolve(), stop: () => Promise.resolve(), dismiss() {} },
    { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null },
  );
  agent.start({
    ...{ recordingId: "R1", agent: agent.agent, callSessionId: "c1", attributes: {} },
    ...{ startedAt: 10_000, orderedAt: 10_000, stopNoLaterThan: 28_810_000 },
  });
  const { transportId } = await desktop.createTransport();
  await desktop.produce(transportId, DISPLAY, {});
  const [made] = media.streams;
  if (made === undefined) throw new Error("no stream was made");
  stream = made;
  await settled();
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
