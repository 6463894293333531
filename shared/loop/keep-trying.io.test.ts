import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { keepTrying, type LoopHealth } from "./keep-trying.ts";
import { WakeSignal } from "./wake-signal.ts";

test("a round that fails shows as a fault until one goes well, and the loop goes on", async () => {
  const end = new AbortController();
  const health: LoopHealth = { fault: null };
  const seen: (string | null)[] = [];
  const answers = [new Error("away"), new Error("still away"), null, null];
  await keepTrying(
    { name: "peer", log: silentLog(), signal: end.signal, backoff: { firstMs: 1, mostMs: 2 }, health },
    () => {
      seen.push(health.fault);
      const answer = answers.shift();
      if (answers.length === 0) end.abort();
      return answer ? Promise.reject(answer) : Promise.resolve();
    },
  );
  expect(seen).toEqual([null, "peer: away", "peer: still away", null]);
  expect(health.fault).toBeNull();
});

test("the pause that the other side asks for is kept, and an abort ends it", async () => {
  const end = new AbortController();
  let rounds = 0;
  const loop = keepTrying(
    {
      ...{ name: "peer", log: silentLog(), signal: end.signal, health: { fault: null } },
      backoff: { firstMs: 1, mostMs: 1 },
      askedPauseMs: () => 60_000,
    },
    () => {
      rounds += 1;
      return Promise.reject(new Error("too many requests"));
    },
  );
  setTimeout(() => end.abort(), 50);
  await loop;
  expect(rounds).toBe(1);
});

test("a wake while nobody waits counts for the next pause, and for that one only", async () => {
  const { signal } = new AbortController();
  const wake = new WakeSignal();
  wake.wake();
  wake.wake();
  await wake.pause(null, signal);
  const order: string[] = [];
  const pause = wake.pause(null, signal).then(() => order.push("woken"));
  order.push("waiting");
  wake.wake();
  await pause;
  expect(order).toEqual(["waiting", "woken"]);
});

test("a pause ends with its time, and at once when the signal has fired", async () => {
  const wake = new WakeSignal();
  await wake.pause(5, new AbortController().signal);
  await wake.pause(null, AbortSignal.abort());
});
