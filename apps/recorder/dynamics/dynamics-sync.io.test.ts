/** The following of Dynamics over random days of calls, on a clock that the test sets, with real storage and decisions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { memoryFolder } from "../../../build/test/memory-folder.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import { type DaySize, dayFrom, dayOfSeed } from "../../../e2e/dynamics/script/random/random-day.ts";
import { AgentDirectory } from "../agents/agent-directory.ts";
import { openCallBuffer } from "../call-buffer/call-buffer.ts";
import type { WebhookPost } from "../call-buffer/webhook-posts.ts";
import { RecordingControl } from "../control/recording-control.ts";
import { SETTINGS } from "../domain/dynamics/testing/known-rows.ts";
import { DynamicsSync } from "./dynamics-sync.ts";
import { ReplayedDynamics } from "./testing/replayed-dynamics.ts";

const START: EpochMs = Date.UTC(2026, 2, 2, 10);
const SIZE: DaySize = { agents: 4, calls: { min: 4, max: 10 }, longestS: 20 };

/** What becomes of the posts, and how often Dynamics is asked. */
interface Weather {
  loss: number;
  duplicate: number;
  delayMs: number;
  passEveryS: number;
  /** Whether calls that posts tell of are read soon. */
  refresh: boolean;
  /** How long each read takes; calls go on meanwhile, and posts come in. */
  readMs: number;
}

/** Follows the day second by second until long after its end; returns the events that are stored. */
async function followDay(seed: number, weather: Weather): Promise<{ found: string[]; expected: string[] }> {
  const dynamics = new ReplayedDynamics(dayFrom(dayOfSeed(seed, SIZE), START), START - 60_000);
  const draw = drawFrom(seed);
  const due = dynamics.posts.flatMap(({ at, post }) => {
    const times = draw() < weather.loss ? [] : draw() < weather.duplicate ? [0, 1] : [0];
    return times.map(() => ({ at: at + Math.floor(draw() * weather.delayMs), post }));
  });
  due.sort((left, right) => left.at - right.at);
  const clock = { at: START - 30_000, now: () => clock.at };
  await using parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await memoryFolder());
  const { lifecycle, policy } = loadConfig(undefined, {}, folder).recorder;
  const log = silentLog();
  const buffer = parts.use(await openCallBuffer(folder));
  const names = parts.use(new AgentDirectory({ buffer, clock, log }));
  const capture = { start: () => undefined, end: () => Promise.resolve() };
  const control = parts.use(
    new RecordingControl({ buffer, capture, clock, log, lifecycle, policy, lookUpEvidence: null }),
  );
  const sync = new DynamicsSync({
    buffer,
    control,
    source: dynamics,
    names,
    settings: SETTINGS,
    clock,
    log,
  });
  const { signal } = new AbortController();
  const wanted = { conversations: new Set<string>(), agents: new Set<string>() };
  const takes: Promise<void>[] = [];
  const passTime = (ms: DurationMs) => {
    clock.at += ms;
    dynamics.advanceTo(clock.at);
    while (due[0] !== undefined && due[0].at <= clock.at) {
      const { post } = due.shift() ?? due[0];
      const stored = { ...post, receivedAt: clock.at };
      takes.push(take({ ...stored, id: buffer.inTransaction(() => buffer.posts.add(stored)) }));
    }
  };
  const take = async (post: WebhookPost) => {
    const outcome = await sync.takePost(post, signal);
    if (outcome.state === "refused") throw new Error(outcome.reason);
    for (const one of outcome.conversations) wanted.conversations.add(one);
    for (const one of outcome.agents) wanted.agents.add(one);
  };
  dynamics.onRead = () => Promise.resolve(passTime(weather.readMs));
  const last = Math.max(...dynamics.expected.map(({ at }) => at), START, ...due.map(({ at }) => at));
  let nextPassAt = clock.at;
  while (clock.at < last + 120_000) {
    passTime(1_000);
    await Promise.all(takes.splice(0));
    if (weather.refresh) {
      const { agents, conversations } = wanted;
      wanted.agents = new Set();
      wanted.conversations = new Set();
      for (const id of await sync.refreshAgents([...agents], signal)) wanted.agents.add(id);
      for (const id of await sync.refreshConversations([...conversations], signal))
        wanted.conversations.add(id);
    }
    if (clock.at < nextPassAt) continue;
    nextPassAt = clock.at + weather.passEveryS * 1_000;
    await sync.reconcile(signal);
  }
  await Promise.all(takes);
  expect(buffer.dynamics.touched("conversation")).toEqual([]);
  expect(buffer.dynamics.touched("agent")).toEqual([]);
  const upnOf = (userId: string) => String(dynamics.cell("user", userId, "domainname"));
  const found = buffer.dynamics.eventIds("").map((id) => {
    const [session, userId, type, at] = id.split(":").length === 4 ? id.split(":") : [null, ...id.split(":")];
    return line(Number(at) * 1_000, upnOf(String(userId)), String(type), session ?? null);
  });
  const expected = dynamics.expected.map(({ at, agent, type, callSessionId }) =>
    line(at, agent, type, callSessionId),
  );
  return { found: found.sort(), expected: expected.sort() };
}

function line(at: EpochMs, agent: string, type: string, callSessionId: string | null): string {
  return `${formatInstant(at).slice(11, 19)} ${agent} ${type} ${callSessionId?.slice(-4) ?? "all"}`;
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function drawFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const GOOD: Weather = { loss: 0, duplicate: 0, delayMs: 0, passEveryS: 15, refresh: true, readMs: 0 };

test.each([
  ["in order", GOOD],
  [
    "with webhooks lost, repeated, late and in any order",
    { ...GOOD, loss: 0.2, duplicate: 0.2, delayMs: 20_000 },
  ],
  ["with webhooks but no early reads", { ...GOOD, delayMs: 5_000, refresh: false }],
  ["with reads that take long, so that calls go on meanwhile", { ...GOOD, delayMs: 3_000, readMs: 400 }],
  ["by polling", { ...GOOD, loss: 1, passEveryS: 2, readMs: 100 }],
])("days of calls give the events that people would write down, %s", async (_, weather) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const { found, expected } = await followDay(seed, weather);
      expect(found).toEqual(expected);
    }),
    { numRuns: runsOf(20), seed: 11, endOnFailure: true },
  );
});
