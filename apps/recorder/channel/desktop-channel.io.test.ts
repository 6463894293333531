import { afterEach, beforeEach, expect, test } from "vitest";
import { encode } from "@msgpack/msgpack";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import { encodeMessage } from "#shared/protocol/codec.ts";
import { MAX_FRAME_BYTES, type RecorderMessage } from "#shared/protocol/messages.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { makeDesktopKey } from "#shared/trust/desktop-proof.ts";
import { CaptureCoordinator } from "../capture/coordinator.ts";
import { FakeMedia } from "../capture/testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "../capture/testing/fake-store.ts";
import { type DesktopChannel, openDesktopChannel } from "./desktop-channel.ts";
import { DISPLAY, type Introduction, TestDesktop } from "./testing/test-desktop.ts";
import { openTestTrust, type TestTrust } from "./testing/test-trust.ts";

const POLICY = {
  framesPerSecond: 5,
  maxBitrateKbps: 1_200,
  codecs: ["vp9" as const],
  monitors: "all" as const,
};
const KEY = makeDesktopKey();
/** Long enough for the slowest machine; the test of the heartbeat takes less. */
const SILENT_AFTER_MS = 30_000;

let store: FakeStore;
let coordinator: CaptureCoordinator;
let trust: TestTrust;
let channel: DesktopChannel;
let http: HttpListener;
/** Whose a desktop is, by `device/osUser`; those not in it are whose they say. */
let owners: Map<string, string>;

beforeEach(async () => {
  owners = new Map();
  store = createFakeStore(10_000);
  const media = new FakeMedia(() => store.clock.steady());
  coordinator = new CaptureCoordinator({ store, media, policy: POLICY, log: silentLog() });
  http = await listenHttp("test", { host: "127.0.0.1", port: 0 }, (_request, response) => response.end());
  trust = await openTestTrust(store.clock);
  channel = attachChannel(SILENT_AFTER_MS);
});

function attachChannel(silentAfterMs: number): DesktopChannel {
  const opened = openDesktopChannel({
    coordinator,
    ownerOf: ({ agent, device, osUser }) => owners.get(`${device}/${osUser}`) ?? agent,
    isAssigned: () => false,
    trust: trust.registry,
    routerRtpCapabilities: { codecs: [] },
    allowedHosts: [],
    clock: store.clock,
    log: silentLog(),
    silentAfterMs,
  });
  opened.attach(http.server);
  return opened;
}

afterEach(async () => {
  await channel[Symbol.asyncDispose]();
  await coordinator[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
  await trust[Symbol.asyncDispose]();
});

/** Authenticated and welcomed, as the desktop of ann on PC-1. */
async function welcomed(how: Introduction = {}): Promise<TestDesktop> {
  const desktop = new TestDesktop(http.port);
  await desktop.authenticate({ key: KEY, ...how });
  await desktop.hello(how);
  return desktop;
}

const order = (recordingId: string) => ({
  recordingId,
  agent: "ann@contoso.com",
  callSessionId: "c1",
  startedAt: 9_900,
  orderedAt: 10_000,
  stopNoLaterThan: 40_000,
  attributes: { queue: "Billing" },
});

test("a desktop enrols, says hello and is welcomed with the policy", async () => {
  const desktop = new TestDesktop(http.port);
  const answers = [
    await desktop.authenticate(),
    await desktop.hello(),
    await desktop.ask({ t: "ping", id: 4, sentAt: 77 }),
  ];
  expect(answers).toEqual([
    { t: "authenticated", id: 2, desktopId: expect.any(String) },
    {
      t: "welcome",
      id: 3,
      policy: POLICY,
      routerRtpCapabilities: { codecs: [] },
      serverTime: 10_000,
      heartbeatMs: 1_000,
      transportId: null,
    },
    { t: "pong", id: 4, sentAt: 77, serverTime: 10_000, stopNoLaterThan: null },
  ]);
  const desktop1 = { device: "PC-1", state: "idle", displays: [DISPLAY], appVersion: "0.1.0", since: 10_000 };
  expect(coordinator.agents()).toEqual([
    { agent: "ann@contoso.com", desktops: [{ ...desktop1, figures: null }] },
  ]);
});

test("an order reaches the desktop, its acknowledgement and the stream come back", async () => {
  const desktop = await welcomed();
  coordinator.start(order("R1"));
  const start = await desktop.next();
  expect(start).toEqual({
    t: "start",
    id: 1,
    calls: [{ recordingId: "R1", since: 9_900, queue: "Billing" }],
    paused: false,
    stopNoLaterThan: 40_000,
  });
  desktop.socket.send(encodeMessage({ t: "ack", id: 1 }));
  expect(await desktop.ask({ t: "create-transport", id: 3 })).toMatchObject({ transportId: "T1" });
  const dtls = { t: "connect-transport", id: 4, transportId: "T1", dtlsParameters: {} } as const;
  expect(await desktop.ask(dtls)).toEqual({ t: "ok", id: 4 });
  const produce = { t: "produce", id: 5, transportId: "T1", display: DISPLAY, rtpParameters: {} } as const;
  expect(await desktop.ask(produce)).toEqual({ t: "produced", id: 5, producerId: "P1" });
  await coordinator.end("R1", "seal");
  expect(await desktop.next()).toEqual({ t: "stop", id: 2 });
  expect(store.journal).toEqual(["track R1/PC-1/1/vp9 is R1/1", "R1/1 sealed with 0"]);
});

test("a desktop that comes during a recording is started, one that missed the end is stopped", async () => {
  coordinator.start(order("R1"));
  const early = await welcomed();
  const started = await early.next();
  early.socket.terminate();
  await coordinator.end("R1", "seal");
  const late = await welcomed({ recordings: ["R1"] });
  expect([started.t, (await late.next()).t]).toEqual(["start", "stop"]);
});

test("a desktop that is somebody else's is that agent's, whatever it says", async () => {
  owners.set("PC-1/ann", "bob@contoso.com");
  coordinator.start({ ...order("R1"), agent: "bob@contoso.com" });
  const desktop = await welcomed();
  expect(await desktop.next()).toMatchObject({ t: "start", calls: [{ recordingId: "R1" }] });
  expect(coordinator.agents().map(({ agent }) => agent)).toEqual(["bob@contoso.com"]);
});

test("a desktop that becomes somebody else's is sent away with 4410, and serves that agent when it is back", async () => {
  coordinator.start(order("R1"));
  coordinator.start({ ...order("R2"), agent: "bob@contoso.com" });
  const before = await welcomed();
  expect(await before.next()).toMatchObject({ t: "start", calls: [{ recordingId: "R1" }] });
  await before.ask({ t: "create-transport", id: 3 });
  await before.ask({ t: "produce", id: 4, transportId: "T1", display: DISPLAY, rtpParameters: {} });
  owners.set("PC-1/ann", "bob@contoso.com");
  coordinator.reassign(() => "bob@contoso.com");
  expect(await before.closed).toBe(4410);
  expect(store.journal).toContain("outage 3 of R1/1 from 10000: desktop-offline");

  const after = await welcomed({ recordings: ["R1"], transportId: "T1" });
  expect(await after.next()).toMatchObject({ t: "start", calls: [{ recordingId: "R2" }] });
  expect(coordinator.agents().map(({ agent }) => agent)).toEqual(["bob@contoso.com"]);
});

test("a desktop that says that it leaves for an update has that gap until it is back", async () => {
  coordinator.start(order("R1"));
  const desktop = await welcomed();
  expect(await desktop.next()).toMatchObject({ t: "start" });
  await desktop.ask({ t: "create-transport", id: 3 });
  await desktop.ask({ t: "produce", id: 4, transportId: "T1", display: DISPLAY, rtpParameters: {} });
  expect(await desktop.ask({ t: "leave", id: 5, reason: "update" })).toEqual({ t: "ok", id: 5 });
  expect(store.journal).toContain("outage 2 of R1/1 from 10000: desktop-updated");
});

test("a desktop that stays whose it is is left alone", async () => {
  const desktop = await welcomed();
  coordinator.reassign(({ agent }) => agent);
  expect(await desktop.ask({ t: "ping", id: 3, sentAt: 77 })).toMatchObject({ t: "pong" });
});

test("a desktop of an agent who is paused is told so, also when it comes in the pause", async () => {
  const early = await welcomed();
  coordinator.start(order("R1"));
  coordinator.pause("ann@contoso.com");
  const told = [await early.next(), await early.next()];
  early.socket.terminate();
  const late = await welcomed();
  told.push(await late.next());
  expect(coordinator.agents()[0]?.desktops.map(({ state }) => state)).toEqual(["paused"]);
  coordinator.resume("ann@contoso.com");
  told.push(await late.next());
  expect(told.map((message) => message.t === "start" && message.paused)).toEqual([false, true, true, false]);
});

test("a policy that changes reaches every desktop that is connected, and those that come", async () => {
  const first = await welcomed();
  const changed = { ...POLICY, framesPerSecond: 2, monitors: "primary" as const };
  coordinator.setPolicy(changed);
  expect(await first.next()).toEqual({ t: "policy", id: 1, policy: changed });
  // Refusing it is no reason to end the connection.
  first.socket.send(encodeMessage({ t: "error", id: 1, code: "COMMAND_FAILED", message: "no" }));
  expect(await first.ask({ t: "ping", id: 3, sentAt: 77 })).toMatchObject({ t: "pong", id: 3 });
  const second = new TestDesktop(http.port);
  const bobs = { agent: "bob@contoso.com", device: "PC-2", osUser: "bob" };
  await second.authenticate(bobs);
  const welcome = await second.hello(bobs);
  expect(welcome).toMatchObject({ t: "welcome", policy: changed });
});

test("a transport that is not the desktop's is refused by name and the connection survives", async () => {
  const desktop = await welcomed();
  const dtls = { t: "connect-transport", id: 3, transportId: "T9", dtlsParameters: {} } as const;
  expect(await desktop.ask(dtls)).toEqual({
    t: "error",
    id: 3,
    code: "UNKNOWN_TRANSPORT",
    message: "transport T9 is not this desktop's; make one with create-transport",
  });
  expect(await desktop.ask({ t: "ping", id: 4, sentAt: 0 })).toMatchObject({ t: "pong", id: 4 });
});

test("a malformed frame is answered with its fault while a call goes on", async () => {
  const desktop = await welcomed();
  coordinator.start(order("R1"));
  await desktop.next();
  const faults: RecorderMessage[] = [];
  for (const frame of [Uint8Array.of(0xc1), encode({ t: "produce", id: 9 }), "text"]) {
    desktop.socket.send(frame);
    faults.push(await desktop.next());
  }
  expect(faults.map((fault) => (fault.t === "error" ? [fault.id, fault.code] : fault.t))).toEqual([
    [null, "NOT_MSGPACK"],
    [9, "BAD_FIELDS"],
    [null, "NOT_MSGPACK"],
  ]);
  expect(await desktop.ask({ t: "ping", id: 10, sentAt: 0 })).toMatchObject({ stopNoLaterThan: 40_000 });
});

test("more than ten faults in a minute end the connection with 4400", async () => {
  const desktop = await welcomed();
  for (let fault = 0; fault < 11; fault += 1) desktop.socket.send(Uint8Array.of(0xc1));
  expect(await desktop.closed).toBe(4400);
});

test("a frame above the limit ends the connection with 4400, a huge one unread with 1009", async () => {
  const [large, huge] = [await welcomed(), new TestDesktop(http.port)];
  await huge.opened;
  large.socket.send(new Uint8Array(MAX_FRAME_BYTES + 1));
  huge.socket.send(new Uint8Array(4 * MAX_FRAME_BYTES + 1));
  expect([await large.closed, await huge.closed]).toEqual([4400, 1009]);
});

test("a flood of messages ends the connection with 4400", async () => {
  const desktop = await welcomed();
  for (let id = 3; id < 200; id += 1) desktop.socket.send(encodeMessage({ t: "ping", id, sentAt: 0 }));
  expect(await desktop.closed).toBe(4400);
});

test("a desktop without heartbeat is cut off with 4408 and offline", async () => {
  await channel[Symbol.asyncDispose]();
  channel = attachChannel(1_000);
  const desktop = await welcomed();
  expect(await desktop.closed).toBe(4408);
  expect(coordinator.agents()[0]?.desktops[0]?.state).toBe("offline");
});

test("the same desktop connecting again replaces its older connection", async () => {
  const older = await welcomed();
  const newer = await welcomed();
  expect(await older.closed).toBe(4409);
  expect(await newer.ask({ t: "ping", id: 3, sentAt: 0 })).toMatchObject({ t: "pong" });
  expect(coordinator.agents()[0]?.desktops.map(({ state }) => state)).toEqual(["idle"]);
});

test("a desktop that comes back takes up its transport again", async () => {
  coordinator.start(order("R1"));
  const before = await welcomed();
  await before.next();
  await before.ask({ t: "create-transport", id: 3 });
  const produce = { t: "produce", id: 4, transportId: "T1", display: DISPLAY, rtpParameters: {} } as const;
  await before.ask(produce);
  before.socket.terminate();
  const after = new TestDesktop(http.port);
  const asBefore = { device: "pc-1", osUser: "ANN", recordings: ["R1"], transportId: "T1" };
  await after.authenticate({ key: KEY, ...asBefore });
  const welcome = await after.hello(asBefore);
  expect([welcome.t === "welcome" && welcome.transportId, (await after.next()).t]).toEqual(["T1", "start"]);
});

const REFUSED: [string, ConstructorParameters<typeof TestDesktop>[1], number][] = [
  ["another path", { path: "/v1/agents" }, 404],
  ["another subprotocol", { protocol: "deskreel.9" }, 400],
  ["a page in a browser", { headers: { Origin: "https://evil.example" } }, 403],
  ["another host's name", { headers: { Host: "evil.example" } }, 421],
];

test.each(REFUSED)("%s is refused", async (_title, options, status) => {
  await expect(new TestDesktop(http.port, options).opened).rejects.toThrow(
    `Unexpected server response: ${status}`,
  );
});

test("at shutdown every desktop is told", async () => {
  const desktop = await welcomed();
  await channel[Symbol.asyncDispose]();
  expect(await desktop.closed).toBe(1001);
});
