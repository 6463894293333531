import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LeaseAnswer } from "#shared/handoff/lease.ts";
import { eventually } from "../testing/eventually.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

async function withPolicy(policy: { minSessionS?: number; samplePercent?: number }): Promise<void> {
  await recorder.stop();
  recorder.configure({ policy });
  await recorder.start();
}

async function leaseOne(): Promise<LeaseAnswer["items"][number]> {
  const answer = await recorder.call<LeaseAnswer>("adapter", "POST", "/v1/handoff/lease", { adapter: "a" });
  const [item] = answer.body.items;
  if (item === undefined) throw new Error("nothing is to be had");
  return item;
}

async function acknowledge({ leaseId, recording }: LeaseAnswer["items"][number]): Promise<void> {
  const body = { leaseId, revision: recording.revision };
  const answer = await recorder.call("adapter", "POST", `/v1/handoff/${recording.id}/ack`, body);
  expect(answer.status).toBe(204);
}

async function segmentStatus({ leaseId, recording }: LeaseAnswer["items"][number]): Promise<number> {
  const path = `/v1/handoff/${recording.id}/tracks/1/segments/000001?lease=${leaseId}`;
  return (await recorder.call("adapter", "GET", path)).status;
}

describe("minSessionS", () => {
  /** Rings at 10:00:00, connected from 10:00:05 to 10:00:12. */
  async function shortCall(): Promise<string> {
    await withPolicy({ minSessionS: 10 });
    await recorder.happens("ringing");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 12_000);
    await recorder.happens("connected", 5);
    await recorder.happens("agent-available", 7);
    await recorder.untilPhase("sealed");
    return id;
  }

  test("hands a shorter call off without segments: not-recorded, too-short", async () => {
    await shortCall();
    const item = await leaseOne();
    expect(item.recording).toMatchObject({
      phase: "sealed",
      coverage: "not-recorded",
      note: "too-short",
      tracks: [{ id: "1", segments: [], coverage: [{ state: "captured" }] }],
    });
    expect(await segmentStatus(item)).toBe(410);
    await acknowledge(item);
  });

  test("keeps its files as long as those of any acknowledged recording", async () => {
    const id = await shortCall();
    await acknowledge(await leaseOne());
    expect(await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now())).toEqual([]);
    expect(await recorder.folders()).toContain(id);
    recorder.clock.advance(61);
    expect(await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now())).toEqual([id]);
    expect((await recorder.onlyRecording()).note).toBe("too-short, files-erased");
  });

  test("gives the segments with a revision when a late event shows that it was long enough", async () => {
    await shortCall();
    await acknowledge(await leaseOne());
    await recorder.happens("connected", 60, { at: "2026-03-02T10:00:01Z" });
    const item = await leaseOne();
    expect(item.recording).toMatchObject({
      revision: 2,
      coverage: "recorded",
      note: null,
      tracks: [{ segments: [{ id: "000001" }] }],
    });
    expect(await segmentStatus(item)).toBe(200);
  });

  test("leaves it too short when the files are gone by then", async () => {
    const id = await shortCall();
    await acknowledge(await leaseOne());
    recorder.clock.advance(61);
    expect(await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now())).toEqual([id]);
    await recorder.happens("connected", 60, { at: "2026-03-02T10:00:01Z" });
    const item = await leaseOne();
    expect(item.recording).toMatchObject({
      revision: 2,
      coverage: "not-recorded",
      tracks: [{ segments: [] }],
    });
    await acknowledge(item);
  });

  test("does not touch a longer call, or one that was sealed before", async () => {
    await recorder.happens("connected");
    await recorder.happens("agent-available", 7);
    await recorder.untilPhase("sealed");
    await withPolicy({ minSessionS: 10 });
    await recorder.happens("on-hold", 0, { at: "2026-03-02T10:00:03Z" });
    expect(await recorder.onlyRecording()).toMatchObject({ revision: 2, note: "late-start" });
    await recorder.happens("connected", 60, { callSessionId: "s2" });
    await recorder.happens("agent-available", 10, { callSessionId: "s2" });
    await eventually(async () => {
      const [longer] = await recorder.recordings("?callSessionId=s2");
      expect(longer).toMatchObject({ phase: "sealed", note: "late-start" });
    });
  });
});

describe("samplePercent", () => {
  test("orders no capture for a session that is not sampled; the recording says so and is handed off", async () => {
    await withPolicy({ samplePercent: 0 });
    await recorder.happens("ringing");
    await recorder.happens("connected", 5);
    expect(await recorder.onlyRecording()).toMatchObject({ phase: "kept", note: "not-sampled" });
    await recorder.happens("agent-available", 60);
    await recorder.untilPhase("sealed");
    const item = await leaseOne();
    expect(item.recording).toMatchObject({ coverage: "not-recorded", note: "not-sampled", tracks: [] });
    await acknowledge(item);
    expect([recorder.capture.orders, recorder.capture.ends]).toEqual([[], []]);
  });

  test("draws by the session: all agents of it, or none", async () => {
    await withPolicy({ samplePercent: 50 });
    const sessions = Array.from({ length: 20 }, (_, n) => `a1c20b02-4e38-4f11-a315-0000000000${n + 10}`);
    for (const callSessionId of sessions)
      for (const agent of ["ann", "bob"]) await recorder.happens("connected", 0, { agent, callSessionId });
    const captured = new Map<string, number>();
    for (const { callSessionId } of recorder.capture.orders)
      captured.set(callSessionId, (captured.get(callSessionId) ?? 0) + 1);
    expect(new Set(captured.values())).toEqual(new Set([2]));
    expect(captured.size).toBeGreaterThan(3);
    expect(captured.size).toBeLessThan(17);
  });

  test("stays as it was drawn over restarts and changed settings", async () => {
    await withPolicy({ samplePercent: 0 });
    await recorder.happens("connected");
    await withPolicy({ samplePercent: 100 });
    await recorder.happens("on-hold", 5);
    await recorder.happens("connected", 0, { callSessionId: "s2" });
    await withPolicy({ samplePercent: 0 });
    await recorder.happens("on-hold", 5, { callSessionId: "s2" });
    expect(new Set(recorder.capture.orders.map(({ callSessionId }) => callSessionId))).toEqual(
      new Set(["s2"]),
    );
  });

  test("an unanswered ring of it is not-answered, as anywhere", async () => {
    await withPolicy({ samplePercent: 0 });
    await recorder.happens("ringing");
    await recorder.happens("not-responding", 5);
    expect(await recorder.onlyRecording()).toMatchObject({ phase: "discarded", note: "not-answered" });
  });
});
