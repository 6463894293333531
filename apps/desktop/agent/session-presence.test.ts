import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import type { SessionReading } from "../domain/session-reading.ts";
import { sessionPresence } from "./session-presence.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A computer whose events and answers are the test's. */
function computer(options: { isLockedAtFirst?: boolean; hasProgram?: boolean } = {}) {
  const events = new EventEmitter();
  const told: string[] = [];
  const state: { reading: SessionReading | null; isBroken: boolean; reads: number } = {
    reading: { isDisconnected: false },
    isBroken: false,
    reads: 0,
  };
  const read = async () => {
    state.reads += 1;
    if (state.isBroken) throw new Error("no such program");
    return Promise.resolve(state.reading);
  };
  const session = sessionPresence({
    on: (name, listener) => void events.on(name, listener),
    isLockedAtFirst: options.isLockedAtFirst ?? false,
    read: options.hasProgram === false ? null : read,
    log: silentLog(),
  });
  const words = () =>
    Object.entries(session.presence())
      .filter(([, isSo]) => isSo)
      .map(([name]) => name)
      .join(" ");
  session.onChange(() => told.push(words()));
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  return { events, told, state, session, words, settle };
}

test("sleep and waking are told once, however often the system says them", async () => {
  const { events, told, settle } = computer();
  for (const event of ["suspend", "suspend", "resume", "resume"]) events.emit(event);
  await settle();
  expect(told).toEqual(["isAsleep", ""]);
});

test("a session that was locked before we came is locked", () => {
  expect(computer({ isLockedAtFirst: true }).words()).toBe("isLocked");
});

test("a remote session that loses its client, and is locked for it, is told as disconnected at once", async () => {
  const { events, told, state, settle } = computer();
  state.reading = { isDisconnected: true };
  events.emit("lock-screen");
  await settle();
  state.reading = { isDisconnected: false };
  events.emit("unlock-screen");
  await settle();
  expect(told).toEqual(["isLocked isDisconnected", ""]);
});

test("a session that is unlocked before it could be read is not taken for locked", async () => {
  const { events, told, words, settle } = computer();
  for (const event of ["lock-screen", "unlock-screen"]) events.emit(event);
  await settle();
  expect([words(), told]).toEqual(["", []]);
  for (const event of ["lock-screen", "unlock-screen", "lock-screen"]) events.emit(event);
  await settle();
  expect(words()).toBe("isLocked");
});

test("while it is watched it is read every few seconds, and not at all before and after", async () => {
  const { told, state, session, settle } = computer();
  await settle(60_000);
  expect(state.reads).toBe(0);
  session.watch(true);
  session.watch(true);
  await settle(10_000);
  expect(state.reads).toBe(3);
  state.reading = { isDisconnected: true, isLocked: true };
  await settle(5_000);
  session.watch(false);
  await settle(60_000);
  expect([state.reads, told]).toEqual([4, ["isLocked isDisconnected"]]);
});

test("a program that fails or says nothing changes nothing", async () => {
  const { told, state, session, settle } = computer();
  state.isBroken = true;
  session.watch(true);
  await settle(10_000);
  state.isBroken = false;
  state.reading = null;
  await settle(10_000);
  expect(told).toEqual([]);
  session.watch(false);
});

test("a lock is told also where the session cannot be read", async () => {
  for (const hasProgram of [true, false]) {
    const { events, told, state, settle } = computer({ hasProgram });
    state.isBroken = true;
    events.emit("lock-screen");
    await settle();
    expect(told).toEqual(["isLocked"]);
  }
});

test("on macOS a session that is shown again while it is locked stays locked", async () => {
  const { events, told, settle } = computer({ hasProgram: false });
  for (const event of ["lock-screen", "user-did-resign-active", "user-did-become-active", "unlock-screen"])
    events.emit(event);
  await settle();
  expect(told).toEqual(["isLocked", "isLocked isDisconnected", "isLocked", ""]);
});
