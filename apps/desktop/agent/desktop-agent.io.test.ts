import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CapturePolicy, Display } from "#shared/protocol/messages.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { makeDesktopKey, signProof } from "#shared/trust/desktop-proof.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { AgentSession } from "../domain/agent-session.ts";
import { type Presence, PRESENT } from "../domain/presence.ts";
import { DesktopAgent } from "./desktop-agent.ts";
import { Dialer } from "../network/dialer.ts";
import { Trust } from "../network/trust.ts";
import type { DisplaySource, ScreenCapture } from "./ports.ts";
import { POLICY, ScriptedRecorder, TOKEN } from "./testing/scripted-recorder.ts";

const DISPLAY: Display = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };
const SECOND_DISPLAY: Display = { ...DISPLAY, id: "2", primary: false };
const { publicKey, privateKey } = makeDesktopKey();
const CALLS = [{ recordingId: "R1", since: 1_000 }];
/** Everything here happens within moments; a slow machine gets its time. */
const WITHIN = { timeout: 15_000, interval: 5 };

let recorder: ScriptedRecorder;
let agent: DesktopAgent;
let journal: string[];
let session: AgentSession | null;
let displays: Display[];
/** How far our own clock is ahead of the machine's, in ms. */
let clockAheadMs: number;
let changeDisplays: () => void;
let presence: Presence;
let tellPresence: () => void;
let network = "at home";
let whileProving: () => void;
let stop: AbortController;
let ended: Promise<void>;
let capture: { -readonly [Key in keyof ScreenCapture]: ScreenCapture[Key] };

beforeEach(async () => {
  recorder = await ScriptedRecorder.listen();
  journal = [];
  session = null;
  displays = [DISPLAY];
  clockAheadMs = 0;
  presence = PRESENT;
  whileProving = () => {};
  stop = new AbortController();
  capture = {
    status: null,
    prepare({ resumed }) {
      journal.push(resumed ? "resume" : "prepare");
      return Promise.resolve();
    },
    setPolicy({ framesPerSecond, monitors }) {
      journal.push(`policy ${framesPerSecond} fps, ${monitors}`);
      return Promise.resolve();
    },
    capture(wanted, hidden) {
      const names = (list: Display[]) => list.map(({ id }) => id).join("+");
      const hides = hidden === null ? "" : `, ${names(hidden.displays)} hidden: ${hidden.reason}`;
      journal.push(`capture ${names(wanted) || "nothing"}${hides}`);
      return Promise.resolve();
    },
  };
});

afterEach(async () => {
  stop.abort();
  await ended;
  await recorder[Symbol.asyncDispose]();
});

function runAgent(enrollmentToken: string | null = TOKEN): void {
  const source: DisplaySource = {
    displays: () => displays,
    onChange(listener) {
      changeDisplays = listener;
      return () => {};
    },
  };
  const log = silentLog();
  const dialer = new Dialer({
    ...{ proxy: { kind: "direct" }, credentials: null, trust: new Trust(null, log), log },
    resolveProxy: () => Promise.resolve("DIRECT"),
  });
  agent = new DesktopAgent({
    identity: {
      serverUrl: recorder.url,
      enrollmentToken,
      agent: "ann@contoso.com",
      device: "PC-1",
      osUser: "ann",
      appVersion: "0.1.0",
    },
    key: {
      publicKey,
      keyProtection: "plain",
      sign: (facts) => {
        whileProving();
        return signProof(privateKey, { ...facts, publicKey });
      },
    },
    budgets: { setPolicy: () => {}, figures: null },
    dial: (url) => dialer.dial(url),
    networkState: () => network,
    displays: source,
    presence: {
      presence: () => presence,
      watch: () => {},
      onChange(listener) {
        tellPresence = listener;
        return () => {};
      },
    },
    clock: new WallClock({
      system: () => Date.now() + clockAheadMs,
      monotonic: () => performance.now(),
    }),
    log,
    onSession: (changed) => {
      session = changed;
    },
  });
  ended = agent.run(capture, stop.signal);
}

const setPresence = (changes: Partial<Presence>) => {
  presence = { ...presence, ...changes };
  tellPresence();
};
const connected = () => vi.waitFor(() => expect(session?.link.phase).toBe("online"), WITHIN);
const told = (...lines: string[]) => vi.waitFor(() => expect(journal).toEqual(lines), WITHIN);
const startCall = (stopNoLaterThan = recorder.now() + 60_000) =>
  recorder.send({ t: "start", id: 1, calls: CALLS, paused: false, stopNoLaterThan });

test("the desktop says who it is, captures when told, and acknowledges both commands", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  recorder.send({ t: "stop", id: 2 });
  await told("prepare", "capture 1", "capture nothing");
  await vi.waitFor(
    () =>
      expect(recorder.heard).toEqual([
        { t: "ack", id: 1 },
        { t: "ack", id: 2 },
      ]),
    WITHIN,
  );
  expect(recorder.hellos).toEqual([
    {
      t: "hello",
      id: 3,
      agent: "ann@contoso.com",
      device: "PC-1",
      osUser: "ann",
      displays: [DISPLAY],
      appVersion: "0.1.0",
      recordings: [],
      transportId: null,
    },
  ]);
});

test("a start that comes together with the welcome is carried out after it", async () => {
  const stopNoLaterThan = recorder.now() + 60_000;
  recorder.orderAtWelcome = { t: "start", id: 1, calls: CALLS, paused: false, stopNoLaterThan };
  runAgent();
  await told("prepare", "capture 1");
});

test("a stop that the page cannot carry out is told to the recorder", async () => {
  capture.capture = () => Promise.reject(new Error("page is gone"));
  runAgent();
  await connected();
  recorder.send({ t: "stop", id: 7 });
  await vi.waitFor(
    () =>
      expect(recorder.heard).toEqual([
        { t: "error", id: 7, code: "COMMAND_FAILED", message: "page is gone" },
      ]),
    WITHIN,
  );
});

test("a lost connection leaves the capture running; the next one tells what runs and takes it up again", async () => {
  recorder.heldTransportId = "T1";
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  capture.status = { transportId: "T1", monitors: 1, framesPerSecond: 5, kbitPerSecond: 84 };
  recorder.cut();
  await told("prepare", "capture 1", "resume");
  const [, second] = recorder.hellos;
  expect([second?.recordings, second?.transportId, session?.capture.phase]).toEqual([
    ["R1"],
    "T1",
    "recording",
  ]);
});

test("a recorder that does not renew the capture leaves no screen running", async () => {
  runAgent();
  await connected();
  startCall(recorder.now() + 300);
  await told("prepare", "capture 1", "capture nothing");
  expect(session?.capture).toEqual({ phase: "idle" });
});

test("a policy that changes in a call is acknowledged, and monitors and lock go by it at once", async () => {
  const policy = (id: number, changed: Partial<CapturePolicy>) =>
    recorder.send({ t: "policy", id, policy: { ...POLICY, ...changed } });
  displays = [DISPLAY, SECOND_DISPLAY];
  runAgent();
  await connected();
  // Without a call there is nothing to be captured.
  policy(1, { framesPerSecond: 4 });
  await told("prepare", "policy 4 fps, all");
  startCall();
  await told("prepare", "policy 4 fps, all", "capture 1+2");
  journal = [];
  policy(2, { framesPerSecond: 2, monitors: "primary" });
  await told("policy 2 fps, primary", "capture 1");
  setPresence({ isLocked: true });
  await told("policy 2 fps, primary", "capture 1", "capture nothing, 1 hidden: session-locked");
  journal = [];
  policy(3, { whenLocked: "record" });
  await vi.waitFor(() => expect(journal.at(-1)).toBe("capture 1+2"), WITHIN);
  await vi.waitFor(
    () => expect(recorder.heard.filter(({ t }) => t === "ack").map(({ id }) => id)).toEqual([1, 1, 2, 3]),
    WITHIN,
  );
});

test("heartbeats renew the capture", async () => {
  recorder.leaseMs = 60_000;
  runAgent();
  await connected();
  const endsAt = recorder.now() + 5_000;
  startCall(endsAt);
  await vi.waitFor(
    () =>
      expect(session?.capture.phase === "recording" && session.capture.stopNoLaterThan > endsAt).toBe(true),
    WITHIN,
  );
  expect(journal).toEqual(["prepare", "capture 1"]);
});

test("the end of the capture is meant by the recorder's clock, however wrong ours is", async () => {
  recorder.clockAheadMs = -3_600_000;
  runAgent();
  await connected();
  // By our own clock this is an hour ago.
  startCall(recorder.now() + 60_000);
  await told("prepare", "capture 1");
  recorder.send({ t: "stop", id: 2 });
  await told("prepare", "capture 1", "capture nothing");
});

test.each([
  ["the recorder's", "back", () => (recorder.clockAheadMs -= 3_600_000)],
  ["the recorder's", "forward", () => (recorder.clockAheadMs += 3_600_000)],
  ["our own", "back", () => (clockAheadMs -= 3_600_000)],
  ["our own", "forward", () => (clockAheadMs += 3_600_000)],
])("the capture goes on when %s clock is set an hour %s", async (_whose, _direction, setClock) => {
  recorder.leaseMs = 60_000;
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  const heartbeats = (count: number) =>
    vi.waitFor(() => expect(recorder.pings).toBeGreaterThanOrEqual(count), WITHIN);
  setClock();
  await heartbeats(recorder.pings + 3);
  expect(journal).toEqual(["prepare", "capture 1"]);
  // And it ends as soon after as ever.
  recorder.leaseMs = 0;
  await told("prepare", "capture 1", "capture nothing");
});

test("monitors that come while a call runs are told and captured", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  displays = [DISPLAY, SECOND_DISPLAY];
  changeDisplays();
  await told("prepare", "capture 1", "capture 1+2");
  await vi.waitFor(
    () => expect(recorder.heard).toContainEqual({ t: "displays", id: expect.any(Number), displays }),
    WITHIN,
  );
});

test("monitors that come while idle are told and not captured", async () => {
  runAgent();
  await connected();
  await told("prepare");
  displays = [DISPLAY, SECOND_DISPLAY];
  changeDisplays();
  await vi.waitFor(() => expect(recorder.heard).toHaveLength(1), WITHIN);
  expect(journal).toEqual(["prepare"]);
});

test("a recorder that has not welcomed the desktop is asked for nothing: it would hang up", async () => {
  whileProving = () => {
    displays = [DISPLAY, SECOND_DISPLAY];
    changeDisplays();
  };
  runAgent();
  await connected();
  expect([recorder.hellos[0]?.displays, recorder.heard]).toEqual([displays, []]);
});

test("a paused call is not captured", async () => {
  runAgent();
  await connected();
  const stopNoLaterThan = recorder.now() + 60_000;
  recorder.send({ t: "start", id: 1, calls: CALLS, paused: true, stopNoLaterThan });
  await told("prepare", "capture nothing");
  expect(session?.capture.phase).toBe("paused");
});

test("a wrong token makes the desktop wait, unless its network becomes another one", async () => {
  runAgent("wrong");
  const link = { phase: "offline", reason: "unauthorized", attempt: 1 };
  const refused = () => vi.waitFor(() => expect(session?.link).toEqual(link), WITHIN);
  await refused();
  session = null;
  network = "another";
  await refused();
});

test("the token is sent once, to enrol the key; from then on the key does", async () => {
  runAgent();
  await connected();
  recorder.cut();
  await vi.waitFor(() => expect(recorder.hellos).toHaveLength(2), WITHIN);
  const place = { host: "127.0.0.1", device: "PC-1", osUser: "ann", keyProtection: "plain" };
  expect(recorder.proofs).toMatchObject([
    { t: "enrol", ...place, token: TOKEN },
    { t: "prove", ...place },
  ]);
});

test("a desktop whose key is known needs no token", async () => {
  recorder.keys.add(publicKey);
  runAgent(null);
  await connected();
  expect(recorder.proofs.map(({ t }) => t)).toEqual(["prove"]);
});

test("a desktop whose key is not known, without a token, waits", async () => {
  runAgent(null);
  await vi.waitFor(
    () => expect(session?.link).toEqual({ phase: "offline", reason: "unauthorized", attempt: 1 }),
    WITHIN,
  );
  expect(recorder.proofs).toEqual([]);
});

test("a desktop that has to be approved waits, and says so", async () => {
  recorder.refusal = 4412;
  runAgent();
  await vi.waitFor(
    () => expect(session?.link).toEqual({ phase: "offline", reason: "waits-for-approval", attempt: 1 }),
    WITHIN,
  );
});

test("a desktop that is revoked in a call lets go of the screen, and says so", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  recorder.putOut(4403);
  await told("prepare", "capture 1", "capture nothing");
  expect(session).toMatchObject({
    link: { phase: "offline", reason: "revoked", attempt: 1 },
    capture: { phase: "idle" },
  });
});

test("a recorder that does not answer is left, and tried again", async () => {
  recorder.isDeaf = true;
  runAgent();
  await vi.waitFor(() => expect(recorder.hellos).toHaveLength(2), WITHIN);
});

test("at its end the desktop stops capturing", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  stop.abort();
  await ended;
  expect(journal).toEqual(["prepare", "capture 1", "capture nothing"]);
});
