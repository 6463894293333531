import { createConnection } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DesktopMessageOf, Display } from "#shared/protocol/messages.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { makeDesktopKey, signProof } from "#shared/trust/desktop-proof.ts";
import type { AgentSession } from "../domain/agent-session.ts";
import { type Presence, PRESENT } from "../domain/presence.ts";
import { DesktopAgent } from "./desktop-agent.ts";
import type { ScreenCapture } from "./ports.ts";
import { ScriptedRecorder, TOKEN } from "./testing/scripted-recorder.ts";

const DISPLAY: Display = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };
const SECOND_DISPLAY: Display = { ...DISPLAY, id: "2", primary: false };
const { publicKey, privateKey } = makeDesktopKey();
const CALLS = [{ recordingId: "R1", since: 1_000 }];
/** Everything here happens within moments; a slow machine gets its time. */
const WITHIN = { timeout: 15_000, interval: 5 };

let recorder: ScriptedRecorder;
let journal: string[];
let session: AgentSession | null;
let displays: Display[];
let changeDisplays: () => void;
let presence: Presence;
let tellPresence: () => void;
/** Whether presence mattered, at each step of the session. */
let watched: boolean[];
let stop: AbortController;
let ended: Promise<void>;
let capture: { -readonly [Key in keyof ScreenCapture]: ScreenCapture[Key] };

beforeEach(async () => {
  recorder = await ScriptedRecorder.listen();
  [journal, displays, watched] = [[], [DISPLAY], []];
  [session, presence] = [null, PRESENT];
  stop = new AbortController();
  capture = {
    status: null,
    setPolicy: () => Promise.resolve(),
    prepare({ resumed }) {
      journal.push(resumed ? "resume" : "prepare");
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
  const agent = new DesktopAgent({
    identity: {
      ...{ serverUrl: recorder.url, enrollmentToken, agent: "ann@contoso.com" },
      ...{ device: "PC-1", osUser: "ann", appVersion: "0.1.0" },
    },
    key: {
      ...{ publicKey, keyProtection: "plain" },
      sign: (facts) => signProof(privateKey, { ...facts, publicKey }),
    },
    budgets: { setPolicy: () => {}, figures: null },
    networkState: () => "",
    async dial(url) {
      const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
    displays: {
      displays: () => displays,
      onChange(listener) {
        changeDisplays = listener;
        return () => {};
      },
    },
    presence: {
      presence: () => presence,
      watch: (isWatched) => watched.push(isWatched),
      onChange(listener) {
        tellPresence = listener;
        return () => {};
      },
    },
    clock: new WallClock(),
    log: silentLog(),
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

test("a disconnected session is hidden as such, and presence is watched while there is a call", async () => {
  runAgent();
  await connected();
  expect(watched).not.toContain(true);
  startCall();
  await told("prepare", "capture 1");
  expect(watched.at(-1)).toBe(true);
  setPresence({ isDisconnected: true });
  await told("prepare", "capture 1", "capture nothing, 1 hidden: session-disconnected");
  recorder.send({ t: "stop", id: 2 });
  await vi.waitFor(() => expect(watched.at(-1)).toBe(false), WITHIN);
});

test("a computer that sleeps captures nothing; when it wakes it connects at once, and goes on by the recorder's word", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  recorder.heldTransportId = "T1";
  capture.status = { transportId: "T1", monitors: 1, framesPerSecond: 5, kbitPerSecond: 84 };
  setPresence({ isAsleep: true });
  await told("prepare", "capture 1", "capture nothing, 1 hidden: desktop-offline");
  journal = [];
  setPresence({ isAsleep: false });
  await vi.waitFor(() => expect(recorder.hellos).toHaveLength(2), WITHIN);
  await vi.waitFor(() => expect(journal).toContain("capture 1"), WITHIN);
  const [, { recordings, transportId }] = recorder.hellos as [unknown, DesktopMessageOf<"hello">];
  // No WebRTC outlives a sleep.
  expect([recordings, transportId]).toEqual([["R1"], null]);
  expect(journal).toContain("prepare");
});

test("what a capture's time was over during a sleep is not begun again", async () => {
  runAgent();
  await connected();
  startCall(recorder.now() + 30_000);
  await told("prepare", "capture 1");
  setPresence({ isAsleep: true });
  journal = [];
  // A monotonic clock stands still in a sleep, the recorder's goes on.
  recorder.clockAheadMs += 3_600_000;
  setPresence({ isAsleep: false });
  await vi.waitFor(() => expect(journal).toContain("prepare"), WITHIN);
  expect(journal).not.toContain("capture 1");
  expect(session?.capture.phase).toBe("idle");
});

test("who wakes does not sit out a wait for the next connection", async () => {
  runAgent("a wrong token");
  await vi.waitFor(() => expect(session?.link).toMatchObject({ phase: "offline", attempt: 1 }), WITHIN);
  // About a minute is waited after a wrong token.
  setPresence({ isAsleep: true });
  setPresence({ isAsleep: false });
  await vi.waitFor(() => expect(session?.link).toMatchObject({ phase: "offline", attempt: 2 }), WITHIN);
});

test("a session that is locked is hidden, in a call and from its beginning, until it is unlocked", async () => {
  runAgent();
  await connected();
  startCall();
  await told("prepare", "capture 1");
  setPresence({ isLocked: true });
  await told("prepare", "capture 1", "capture nothing, 1 hidden: session-locked");
  // A monitor that comes meanwhile is hidden as well.
  displays = [DISPLAY, SECOND_DISPLAY];
  changeDisplays();
  setPresence({ isLocked: false });
  await told("prepare", "capture 1", "capture nothing, 1 hidden: session-locked", "capture 1+2");
  recorder.send({ t: "stop", id: 2 });
  setPresence({ isLocked: true });
  startCall();
  await vi.waitFor(() => expect(journal.at(-1)).toBe("capture nothing, 1+2 hidden: session-locked"), WITHIN);
});
