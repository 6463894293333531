import pino from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import type { Log } from "#shared/runtime/log.ts";
import { makeDesktopKey } from "#shared/trust/desktop-proof.ts";
import { CaptureCoordinator } from "../capture/coordinator.ts";
import { FakeMedia } from "../capture/testing/fake-media.ts";
import { createFakeStore, type FakeStore } from "../capture/testing/fake-store.ts";
import type { SecondDevicePolicy } from "../domain/desktop-trust.ts";
import { type DesktopChannel, openDesktopChannel } from "./desktop-channel.ts";
import { DISPLAY, type Introduction, TestDesktop, type TestKey } from "./testing/test-desktop.ts";
import { openTestTrust, SITE_TOKEN, type TestTrust } from "./testing/test-trust.ts";

const POLICY = {
  framesPerSecond: 5,
  maxBitrateKbps: 1_200,
  codecs: ["vp9" as const],
  monitors: "all" as const,
};
const ANN = "ann@contoso.com";

let store: FakeStore;
let coordinator: CaptureCoordinator;
let trust: TestTrust;
let channel: DesktopChannel;
let http: HttpListener;
let log: Log;
let lines: string[];
/** Devices that the alias file names. */
let assigned: Set<string>;
let desktops: TestDesktop[];

beforeEach(async () => {
  lines = [];
  assigned = new Set();
  desktops = [];
  log = pino({}, { write: (line: string) => void lines.push(line) });
  store = createFakeStore(10_000);
  const media = new FakeMedia(() => store.clock.steady());
  coordinator = new CaptureCoordinator({ store, media, policy: POLICY, log });
  http = await listenHttp("test", { host: "127.0.0.1", port: 0 }, (_request, response) => response.end());
  await openChannel("alarm");
});

async function openChannel(secondDevice: SecondDevicePolicy): Promise<void> {
  trust = await openTestTrust(store.clock, secondDevice, log);
  channel = openDesktopChannel({
    ...{ coordinator, policy: POLICY, clock: store.clock, log },
    ownerOf: ({ agent }) => agent,
    isAssigned: ({ device }) => assigned.has(device),
    trust: trust.registry,
    routerRtpCapabilities: { codecs: [] },
    allowedHosts: ["recorder.contoso.com"],
    // The machine is slow at times, and waiting is not what is tested here.
    silentAfterMs: 30_000,
    wrongTokensPerMinute: 3,
  });
  channel.attach(http.server);
}

async function closeChannel(): Promise<void> {
  await channel[Symbol.asyncDispose]();
  await trust[Symbol.asyncDispose]();
}

afterEach(async () => {
  for (const { socket } of desktops) socket.terminate();
  await closeChannel();
  await coordinator[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
});

function connect(): TestDesktop {
  const desktop = new TestDesktop(http.port);
  desktops.push(desktop);
  return desktop;
}

/** What became of a desktop's coming: an error's code and the close code, or the last answer's type. */
async function come(how: Introduction): Promise<[string, number | null]> {
  const desktop = connect();
  let answer = await desktop.authenticate(how);
  if (answer.t !== "error") answer = await desktop.hello(how);
  return answer.t === "error" ? [answer.code, await desktop.closed] : [answer.t, null];
}

const idOf = (key: TestKey) => trust.registry.findByKey(key.publicKey)?.id ?? "";
const entryOf = (key: TestKey) => trust.registry.findByKey(key.publicKey);
const logged = (message: string) =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);

describe("a desktop enrols", () => {
  test("once; from then on its key will do, whatever becomes of the token", async () => {
    const key = makeDesktopKey();
    const made = await trust.tokens.make({ note: "pilot", uses: 1, validForS: 60 }, "admin");
    const come1 = await come({ key, token: made.token });
    store.clock.time += 3_600_000;
    expect([come1, await come({ key, token: "none at all" })]).toEqual([
      ["welcome", null],
      ["welcome", null],
    ]);
    expect(entryOf(key)).toMatchObject({
      ...{ device: "PC-1", osUser: "ann", agent: ANN, state: "active", alarm: null },
      ...{ enrolledBy: made.id, enrolledAt: 10_000, lastSeenAt: 3_610_000, keyProtection: "plain" },
    });
    expect(logged("desktop enrolled")).toMatchObject([
      { desktop: idOf(key), device: "PC-1", token: made.id, remoteAddress: "127.0.0.1" },
    ]);
    for (const secret of [made.token, SITE_TOKEN]) expect(lines.join("")).not.toContain(secret);
  });

  test("with a token for two only two do, and none after its time", async () => {
    const two = await trust.tokens.make({ note: "", uses: 2, validForS: 60 }, "admin");
    const many = await trust.tokens.make({ note: "", uses: null, validForS: 60 }, "admin");
    const comings: string[] = [];
    for (const [device, { token }] of [
      ...([
        ["PC-1", two],
        ["PC-2", two],
        ["PC-3", two],
      ] as const),
      ...([
        ["PC-4", many],
        ["PC-5", many],
        ["PC-6", many],
      ] as const),
    ])
      comings.push((await come({ token, device, agent: device }))[0]);
    store.clock.time += 60_000;
    comings.push((await come({ token: many.token, device: "PC-7" }))[0]);
    expect(comings).toEqual([
      ...["welcome", "welcome", "TOKEN_USED_UP"],
      ...["welcome", "welcome", "welcome"],
      "TOKEN_EXPIRED",
    ]);
  });

  test("two at once with a token for one: one of them", async () => {
    const { token } = await trust.tokens.make({ note: "", uses: 1, validForS: 60 }, "admin");
    const comings = await Promise.all([
      come({ token, device: "PC-1", agent: "ann" }),
      come({ token, device: "PC-2", agent: "bob" }),
    ]);
    expect(comings.map(([answer]) => answer).sort()).toEqual(["TOKEN_USED_UP", "welcome"]);
  });

  test("a key that has enrolled already takes no use of the token", async () => {
    const key = makeDesktopKey();
    const { token } = await trust.tokens.make({ note: "", uses: 2, validForS: 60 }, "admin");
    const comings = [await come({ key, token }), await come({ key, token, purpose: "enrol" })];
    comings.push(await come({ token, device: "PC-2", agent: "bob" }));
    expect(comings.map(([answer]) => answer)).toEqual(["welcome", "welcome", "welcome"]);
  });
});

const REFUSED: [string, Introduction, string][] = [
  ["a wrong token", { token: "guess" }, "WRONG_TOKEN"],
  ["a key that is not enrolled, without a token", { purpose: "prove" }, "UNKNOWN_KEY"],
  ["a signature over another challenge", { signed: { nonce: "b2xk" } }, "WRONG_SIGNATURE"],
  ["a signature for another purpose", { signed: { purpose: "prove" } }, "WRONG_SIGNATURE"],
  ["a signature over another device", { said: { device: "PC-9" } }, "WRONG_SIGNATURE"],
  [
    "a signature for another host, passed on as one for this",
    { signed: { host: "evil.example" }, said: { host: "127.0.0.1" } },
    "WRONG_SIGNATURE",
  ],
  [
    "a desktop that has dialled another host, which passed it on",
    { signed: { host: "evil.example" }, said: { host: "evil.example" } },
    "WRONG_HOST",
  ],
];

test.each(REFUSED)("%s is refused with 4401, and nothing is enrolled", async (_title, how, code) => {
  expect(await come(how)).toEqual([code, 4401]);
  expect(trust.buffer.desktops.counts()).toEqual({ active: 0, pending: 0, revoked: 0 });
});

test("a desktop may dial any name of the recorder's", async () => {
  const host = "recorder.contoso.com";
  expect(await come({ signed: { host }, said: { host } })).toEqual(["welcome", null]);
});

describe("a key that is enrolled", () => {
  const key = makeDesktopKey();
  beforeEach(async () => void (await come({ key })));

  test("is of no use without its private key", async () => {
    const thief = { publicKey: key.publicKey, privateKey: makeDesktopKey().privateKey };
    expect(await come({ key: thief })).toEqual(["WRONG_SIGNATURE", 4401]);
  });

  test("proves nothing with a signature that was heard before", async () => {
    const first = connect();
    await first.opened;
    const heard: unknown[] = [];
    const send = first.socket.send.bind(first.socket);
    first.socket.send = (data: Buffer) => {
      heard.push(data);
      send(data);
    };
    expect((await first.authenticate({ key })).t).toBe("authenticated");
    const again = connect();
    await again.opened;
    again.socket.send(heard[0] as Buffer);
    expect((await again.next()).t).toBe("challenge");
    again.socket.send(heard[1] as Buffer);
    expect(await again.next()).toMatchObject({ t: "error", code: "WRONG_SIGNATURE" });
    expect(await again.closed).toBe(4401);
  });

  test("has one challenge per connection, and one answer to it", async () => {
    const collector = connect();
    await collector.opened;
    const ask = { t: "authenticate", id: 1, publicKey: key.publicKey } as const;
    expect((await collector.ask(ask)).t).toBe("challenge");
    expect(await collector.ask(ask)).toMatchObject({ code: "ALREADY_CHALLENGED" });
    const desktop = connect();
    await desktop.authenticate({ key });
    const second = await desktop.ask({
      ...{ t: "prove", id: 9, host: "127.0.0.1", device: "PC-1", osUser: "ann", keyProtection: "os" },
      signature: "A".repeat(86),
    });
    expect(second).toMatchObject({ code: "NOT_CHALLENGED" });
    expect([await collector.closed, await desktop.closed]).toEqual([4401, 4401]);
  });

  test("cannot speak for another device or OS user", async () => {
    expect(await come({ key, device: "PC-2" })).toEqual(["NOT_THIS_KEYS_DESKTOP", 4401]);
    expect(await come({ key, osUser: "bob" })).toEqual(["NOT_THIS_KEYS_DESKTOP", 4401]);
    const desktop = connect();
    await desktop.authenticate({ key });
    expect(await desktop.hello({ device: "PC-2" })).toMatchObject({
      code: "NOT_THIS_KEYS_DESKTOP",
      message: "its key is ann's on PC-1; it cannot speak for ann on PC-2",
    });
    expect(await desktop.closed).toBe(4401);
  });
});

test("nothing is answered before the key", async () => {
  const desktop = connect();
  await desktop.opened;
  expect(await desktop.ask({ t: "create-transport", id: 1 })).toMatchObject({ code: "NOT_AUTHENTICATED" });
  expect(await desktop.closed).toBe(4401);
});

test("guesses from one address come to an end, and known keys do not suffer", async () => {
  const key = makeDesktopKey();
  await come({ key });
  const comings: string[] = [];
  for (let guess = 0; guess < 4; guess += 1)
    comings.push((await come({ token: `guess ${guess}`, device: "PC-2" }))[0]);
  comings.push((await come({ device: "PC-2" }))[0], (await come({ key }))[0]);
  const wrong = "WRONG_TOKEN";
  expect(comings).toEqual([wrong, wrong, wrong, "TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS", "welcome"]);
});

describe("a desktop that is revoked", () => {
  test("in a call is put out at once: its tracks end as with a lost connection, its recording goes on", async () => {
    const key = makeDesktopKey();
    const desktop = connect();
    await desktop.authenticate({ key });
    await desktop.hello();
    coordinator.start({
      ...{ recordingId: "R1", agent: ANN, callSessionId: "c1", startedAt: 9_900, orderedAt: 10_000 },
      ...{ stopNoLaterThan: 40_000, attributes: {} },
    });
    await desktop.next();
    await desktop.ask({ t: "create-transport", id: 4 });
    await desktop.ask({ t: "produce", id: 5, transportId: "T1", display: DISPLAY, rtpParameters: {} });
    await trust.registry.revoke(idOf(key), "admin");
    expect(await desktop.closed).toBe(4403);
    await expect.poll(() => store.journal).toContainEqual(expect.stringMatching("R1/1 sealed"));
    expect(store.journal).toContainEqual(
      expect.stringMatching(/outage \d+ of R1\/1 from 10000: connection-lost/),
    );
    expect(await come({ key })).toEqual(["KEY_REVOKED", 4403]);
    expect(await come({ key, purpose: "enrol" })).toEqual(["KEY_REVOKED", 4403]);
    expect(entryOf(key)).toMatchObject({ state: "revoked", revokedBy: "admin", revokedAt: 10_000 });
    expect(logged("desktop revoked")).toMatchObject([{ desktop: idOf(key), agent: ANN, by: "admin" }]);
  });

  test("while only its pictures come in loses them, but not those of a new key on the same device", async () => {
    const [before, after] = [makeDesktopKey(), makeDesktopKey()];
    const desktop = connect();
    await desktop.authenticate({ key: before });
    await desktop.hello();
    coordinator.start({
      ...{ recordingId: "R1", agent: ANN, callSessionId: "c1", startedAt: 9_900, orderedAt: 10_000 },
      ...{ stopNoLaterThan: 40_000, attributes: {} },
    });
    await desktop.next();
    await desktop.ask({ t: "create-transport", id: 4 });
    await desktop.ask({ t: "produce", id: 5, transportId: "T1", display: DISPLAY, rtpParameters: {} });
    const state = () => coordinator.agents()[0]?.desktops.map((seen) => seen.state);
    const installedAnew = connect();
    await installedAnew.authenticate({ key: after });
    await installedAnew.hello({ transportId: "T1" });
    await trust.registry.revoke(idOf(before), "admin");
    expect(state()).toEqual(["recording"]);
    installedAnew.socket.terminate();
    await expect.poll(state).toEqual(["offline"]);
    expect(store.journal).not.toContainEqual(expect.stringMatching("R1/1 sealed"));
    await trust.registry.revoke(idOf(after), "admin");
    await expect.poll(() => store.journal).toContainEqual(expect.stringMatching("R1/1 sealed"));
  });

  test("does not come back with a new key by itself, but may be let in again", async () => {
    const [stolen, fresh] = [makeDesktopKey(), makeDesktopKey()];
    await come({ key: stolen });
    await trust.registry.revoke(idOf(stolen), "admin");
    expect(await come({ key: fresh })).toEqual(["WAITS_FOR_APPROVAL", 4412]);
    expect(entryOf(fresh)).toMatchObject({ state: "pending", alarm: "after-revocation" });
    await trust.registry.approve(idOf(stolen), "admin");
    expect(await come({ key: stolen })).toEqual(["welcome", null]);
  });
});

describe("a second device of an agent", () => {
  const [office, home] = [makeDesktopKey(), makeDesktopKey()];
  const comeFromHome = () => come({ key: home, device: "HOME-PC" });

  test("works, with an alarm until the admin approves it", async () => {
    await come({ key: office });
    expect(await comeFromHome()).toEqual(["welcome", null]);
    expect([entryOf(office)?.alarm, entryOf(home)?.alarm]).toEqual([null, "second-device"]);
    await comeFromHome();
    expect(logged("desktop works, but has to be looked at")).toMatchObject([
      { level: 40, desktop: idOf(home), agent: ANN, reason: "second-device" },
    ]);
    await trust.registry.approve(idOf(home), "admin");
    expect(entryOf(home)).toMatchObject({ alarm: null, approvedBy: "admin" });
    await comeFromHome();
    expect(entryOf(home)?.alarm).toBeNull();
  });

  test("needs no more looking at once the first one is revoked", async () => {
    await come({ key: office });
    await comeFromHome();
    await trust.registry.revoke(idOf(office), "admin");
    expect(entryOf(home)).toMatchObject({ state: "active", alarm: null });
  });

  test("that the alias file names is no surprise", async () => {
    assigned.add("HOME-PC");
    await come({ key: office });
    await comeFromHome();
    expect(entryOf(home)?.alarm).toBeNull();
  });

  test("with another policy waits until the admin approves it, and then works", async () => {
    await closeChannel();
    await openChannel("approve");
    await come({ key: office });
    expect(await comeFromHome()).toEqual(["WAITS_FOR_APPROVAL", 4412]);
    expect(coordinator.agents()[0]?.desktops.map(({ device }) => device)).toEqual(["PC-1"]);
    expect(entryOf(home)).toMatchObject({ state: "pending", alarm: "second-device" });
    await trust.registry.approve(idOf(home), "admin");
    expect(await comeFromHome()).toEqual(["welcome", null]);
    expect(logged("desktop approved")).toMatchObject([{ desktop: idOf(home), was: "pending", by: "admin" }]);
    // For this agent: for another one it is a second device again.
    await come({ device: "PC-2", agent: "bob", osUser: "bob" });
    expect(await come({ key: home, device: "HOME-PC", agent: "bob" })).toEqual(["WAITS_FOR_APPROVAL", 4412]);
  });

  test("a second key of the same OS user on the same device is called so", async () => {
    await come({ key: office });
    const anew = makeDesktopKey();
    expect(await come({ key: anew })).toEqual(["welcome", null]);
    expect(entryOf(anew)?.alarm).toBe("second-key");
    await trust.registry.revoke(idOf(office), "admin");
    expect(await come({ key: anew })).toEqual(["welcome", null]);
    expect(entryOf(anew)?.alarm).toBeNull();
  });
});
