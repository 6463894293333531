import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EpochMs } from "#shared/time/units.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import type { DynamicsRow } from "../call-buffer/dynamics-rows.ts";
import { deleteOldRows } from "./row-retention.ts";

const NOW: EpochMs = Date.UTC(2026, 2, 5, 10);
const HOUR = 3_600_000;
const KEEP_FROM = NOW - 72 * HOUR;

let folder: string;
let buffer: CallBuffer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-retention-"));
  buffer = await openCallBuffer(folder);
});
afterEach(async () => {
  buffer[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

function put(kind: string, id: string, row: Partial<DynamicsRow> = {}): void {
  const links = { conversationId: null, sessionId: null, userId: null, happenedAt: null };
  buffer.dynamics.put({ kind, id, ...links, facts: "{}", seenAt: NOW, ...row });
}

/** A call with a session and a participant, closed at that time. */
function putCall(id: string, closedAt: EpochMs | null): void {
  put("conversation", id, { conversationId: id, happenedAt: closedAt });
  put("session", `${id}-s`, { conversationId: id });
  put("participant", `${id}-p`, { conversationId: id, sessionId: `${id}-s`, userId: "ann" });
}

const isThere = (kind: string, id: string) => buffer.dynamics.find(kind, id) !== null;

test("a call that was closed long ago goes whole; one that is open or closed since stays", async () => {
  putCall("old", KEEP_FROM - 1);
  putCall("new", KEEP_FROM);
  putCall("open", null);
  buffer.dynamics.touch("conversation", "old", KEEP_FROM - HOUR);
  await deleteOldRows(buffer, KEEP_FROM, NOW);
  expect(buffer.dynamics.ofConversation("old")).toEqual([]);
  expect(buffer.dynamics.touched("conversation")).toEqual([]);
  for (const id of ["new", "open"]) expect(buffer.dynamics.ofConversation(id)).toHaveLength(3);
});

test("of an agent's presences the last one stays, for what comes next is a change from it", async () => {
  put("agent-status-history", "1", { userId: "ann", happenedAt: KEEP_FROM - 2 * HOUR });
  put("agent-status-history", "2", { userId: "ann", happenedAt: KEEP_FROM - HOUR });
  put("agent-status-history", "3", { userId: "bob", happenedAt: KEEP_FROM - 3 * HOUR });
  put("presence", "available", { seenAt: KEEP_FROM - HOUR });
  await deleteOldRows(buffer, KEEP_FROM, NOW);
  expect(["1", "2", "3"].map((id) => isThere("agent-status-history", id))).toEqual([false, true, true]);
  expect(isThere("presence", "available")).toBe(true);
});

test("rows whose call was never found go too", async () => {
  put("participant", "lost", { sessionId: "nowhere", seenAt: KEEP_FROM - 1 });
  put("participant", "fresh", { sessionId: "nowhere", seenAt: KEEP_FROM });
  await deleteOldRows(buffer, KEEP_FROM, NOW);
  expect(["lost", "fresh"].map((id) => isThere("participant", id))).toEqual([false, true]);
});

test("mapped posts stay for 72 hours, refused ones for 30 days, waiting ones until they are mapped", async () => {
  const { posts } = buffer;
  const add = (receivedAt: EpochMs) => posts.add({ receivedAt, headers: {}, body: "{}" });
  const waiting = add(NOW - 1_000 * HOUR);
  for (const hours of [73, 71]) posts.settle(add(NOW - hours * HOUR), "mapped");
  for (const days of [31, 29]) posts.settle(add(NOW - days * 24 * HOUR), "refused", "why");
  await deleteOldRows(buffer, KEEP_FROM, NOW);
  expect(posts.findWaiting(waiting)).not.toBeNull();
  expect(buffer.dynamicsRetention.deletePosts("mapped", NOW, 10)).toBe(1);
  expect(buffer.dynamicsRetention.deletePosts("refused", NOW, 10)).toBe(1);
});

test("it keeps up with thousands of chats an hour, in small steps", async () => {
  for (let call = 0; call < 300; call += 1) putCall(`old-${call}`, KEEP_FROM - call - 1);
  const left = () =>
    Array.from({ length: 300 }, (_, call) => `old-${call}`).filter((id) => isThere("conversation", id))
      .length;
  const steps: number[] = [];
  const commit: CallBuffer["commit"] = async (changes) => {
    const before = left();
    const result = await buffer.commit(changes);
    steps.push(before - left());
    return result;
  };
  await deleteOldRows({ dynamicsRetention: buffer.dynamicsRetention, commit }, KEEP_FROM, NOW);
  expect(steps).toEqual([50, 50, 50, 50, 50, 50, 0]);
});
