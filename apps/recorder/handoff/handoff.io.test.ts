import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LeaseAnswer, leaseAnswerSchema } from "#shared/handoff/lease.ts";
import { type Answer, TestRecorder } from "../testing/test-recorder.ts";
import { eventually } from "../testing/eventually.ts";

const PICTURE = Buffer.from("0123456789abcdef");
const SHA256 = createHash("sha256").update(PICTURE).digest("hex");

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

/** A sealed recording with one segment on disk. */
async function sealRecording(callSessionId = "s1"): Promise<string> {
  await recorder.happens("connected", 1, { callSessionId });
  const [recording] = await recorder.recordings(`?callSessionId=${callSessionId}`);
  const recordingId = recording?.id ?? "";
  const folder = join(recorder.folder, recordingId, "1");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "000001.scn"), PICTURE);
  const startedAt = recorder.clock.now();
  const size = { width: 64, height: 64 };
  const track = { recordingId, desktop: "PC", display: "1", codec: "vp9" as const, openedAt: startedAt };
  recorder.buffer.capture.openTrack({ ...track, ...size });
  recorder.buffer.capture.addSegment(recordingId, "1", {
    ...size,
    id: "000001",
    startedAt,
    durationMs: 10_000,
    frames: 5,
    bytes: PICTURE.length,
    sha256: SHA256,
    previousSha256: null,
  });
  await recorder.happens("agent-available", 10, { callSessionId });
  await eventually(async () =>
    expect((await recorder.recordings(`?callSessionId=${callSessionId}`))[0]?.phase).toBe("sealed"),
  );
  return recordingId;
}

function lease(request: Record<string, unknown> = {}): Promise<Answer<LeaseAnswer>> {
  return recorder.call("adapter", "POST", "/v1/handoff/lease", { adapter: "a", ...request });
}

/** Leases the only recording there is. */
async function leaseOne(): Promise<{ leaseId: string; revision: number }> {
  const [item] = (await lease()).body.items;
  return { leaseId: item?.leaseId ?? "", revision: item?.recording.revision ?? 0 };
}

function answerLease(id: string, verb: "ack" | "nack", body: unknown): Promise<Answer<unknown>> {
  return recorder.call("adapter", "POST", `/v1/handoff/${id}/${verb}`, body);
}

function segment(id: string, leaseId: string, range?: string): Promise<Answer<string>> {
  const path = `/v1/handoff/${id}/tracks/1/segments/000001?lease=${leaseId}`;
  return recorder.call("adapter", "GET", path, undefined, range === undefined ? {} : { Range: range });
}

describe("leasing", () => {
  test("lends sealed recordings, each to one adapter at a time, until the lease expires", async () => {
    const id = await sealRecording();
    await recorder.happens("connected", 1, { callSessionId: "still-open" });
    const first = await lease({ leaseMs: 60_000 });
    expect(
      leaseAnswerSchema.parse(first.body).items.map((item) => [item.recording.id, item.expiresAt]),
    ).toEqual([[id, "2026-03-02T10:01:12.000Z"]]);
    expect((await lease({ adapter: "b" })).body.items).toEqual([]);
    recorder.clock.advance(61);
    expect((await lease({ adapter: "b" })).body.items.length).toBe(1);
  });

  test("lends at most `max`, oldest first, others to others", async () => {
    const [one, two, three] = [
      await sealRecording("s1"),
      await sealRecording("s2"),
      await sealRecording("s3"),
    ];
    const ids = (answer: Answer<LeaseAnswer>) => answer.body.items.map((item) => item.recording.id);
    expect(ids(await lease({ max: 2 }))).toEqual([one, two]);
    expect(ids(await lease({ adapter: "b" }))).toEqual([three]);
  });

  test("waits for the first recording, and answers empty when the wait is over", async () => {
    await recorder.happens("connected");
    const waiting = lease({ waitMs: 30_000 });
    await recorder.happens("agent-available", 10);
    expect((await waiting).body.items.length).toBe(1);
    const ending = lease({ waitMs: 50 });
    recorder.clock.advance(1);
    expect((await ending).body).toEqual({ items: [] });
  });

  test("outlives a restart of the recorder", async () => {
    const id = await sealRecording();
    const { leaseId, revision } = await leaseOne();
    await recorder.stop();
    await recorder.start();
    expect((await lease()).body.items).toEqual([]);
    expect((await answerLease(id, "ack", { leaseId, revision })).status).toBe(204);
  });

  test("lends no discarded recording", async () => {
    await recorder.happens("ringing");
    await recorder.happens("not-responding", 5);
    expect((await lease()).body.items).toEqual([]);
  });

  test("lends recordings without tracks", async () => {
    await recorder.happens("connected", 0, { at: "2026-03-02T09:50:00Z" });
    await recorder.happens("agent-available", 0, { at: "2026-03-02T09:51:00Z" });
    await eventually(async () => expect((await recorder.recordings("?phase=sealed")).length).toBe(1));
    const [item] = (await lease()).body.items;
    expect(item?.recording).toMatchObject({ tracks: [], coverage: "not-recorded" });
  });

  test("refuses other scopes and faulty requests", async () => {
    expect((await recorder.call("admin", "POST", "/v1/handoff/lease", { adapter: "a" })).status).toBe(403);
    expect((await lease({ max: 0, leaseMs: 1, shift: 2 })).body).toMatchObject({
      status: 400,
      errors: [{ path: "/max" }, { path: "/leaseMs" }, { path: "/shift" }],
    });
  });
});

describe("segments", () => {
  test("come whole with their sha256 as ETag, or by range", async () => {
    const id = await sealRecording();
    const { leaseId } = await leaseOne();
    const whole = await segment(id, leaseId);
    expect([whole.status, whole.body, whole.headers.get("etag"), whole.headers.get("content-type")]).toEqual([
      200,
      PICTURE.toString(),
      `"${SHA256}"`,
      "video/webm",
    ]);
    const part = await segment(id, leaseId, "bytes=4-7");
    expect([part.status, part.body, part.headers.get("content-range")]).toEqual([
      206,
      "4567",
      "bytes 4-7/16",
    ]);
    expect((await segment(id, leaseId, "bytes=99-")).status).toBe(416);
  });

  test("extend the lease to its length from now", async () => {
    const id = await sealRecording();
    const { leaseId, revision } = await leaseOne();
    recorder.clock.advance(50);
    await segment(id, leaseId);
    recorder.clock.advance(50);
    expect((await answerLease(id, "ack", { leaseId, revision })).status).toBe(204);
  });

  test("are refused without the unexpired lease (409), when discarded (410), when unknown (404)", async () => {
    const id = await sealRecording();
    const { leaseId } = await leaseOne();
    expect((await segment(id, "another")).status).toBe(409);
    const missing = `/v1/handoff/${id}/tracks/1/segments/000002?lease=${leaseId}`;
    expect((await recorder.call("adapter", "GET", missing)).status).toBe(404);
    expect((await segment("01UNKNOWN", leaseId)).status).toBe(404);
    recorder.clock.advance(61);
    expect((await segment(id, leaseId)).status).toBe(409);
    await recorder.happens("ringing", 1, { callSessionId: "s2" });
    await recorder.happens("not-responding", 1, { callSessionId: "s2" });
    const [discarded] = await recorder.recordings("?phase=discarded");
    expect((await segment(discarded?.id ?? "", leaseId)).status).toBe(410);
  });
});

describe("acknowledging", () => {
  test("ends the hand-off of a revision; repeating it is harmless, another lease is refused", async () => {
    const id = await sealRecording();
    const { leaseId, revision } = await leaseOne();
    expect((await answerLease(id, "ack", { leaseId: "another", revision })).status).toBe(409);
    expect((await answerLease(id, "ack", { leaseId, revision: revision + 1 })).status).toBe(409);
    expect((await answerLease(id, "ack", { leaseId, revision })).status).toBe(204);
    expect((await answerLease(id, "ack", { leaseId, revision })).status).toBe(204);
    recorder.clock.advance(3_600);
    expect((await lease()).body.items).toEqual([]);
    expect((await answerLease("01UNKNOWN", "ack", { leaseId, revision })).status).toBe(404);
  });

  test("of an older revision is accepted, and the recording can be leased again", async () => {
    const id = await sealRecording();
    const { leaseId, revision } = await leaseOne();
    await recorder.happens("on-hold", 0, { at: "2026-03-02T10:00:05Z" });
    expect((await answerLease(id, "ack", { leaseId, revision })).status).toBe(204);
    expect((await leaseOne()).revision).toBe(revision + 1);
  });

  test("keeps the files for the keeping time, then erases them: 410", async () => {
    const id = await sealRecording();
    const { leaseId, revision } = await leaseOne();
    await answerLease(id, "ack", { leaseId, revision });
    expect(await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now())).toEqual([]);
    recorder.clock.advance(61);
    expect(await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now())).toEqual([id]);
    expect((await segment(id, leaseId)).status).toBe(410);
    expect((await recorder.recordings())[0]).toMatchObject({
      coverage: "recorded",
      note: "files-erased",
      tracks: [{ segments: [] }],
    });
  });

  test("of a revision from after the erasure needs no segments: none are listed, and the note says why", async () => {
    const id = await sealRecording();
    const first = await leaseOne();
    await answerLease(id, "ack", first);
    recorder.clock.advance(61);
    await recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now());
    await recorder.happens("on-hold", 0, { at: "2026-03-02T10:00:05Z" });
    const [item] = (await lease()).body.items;
    expect(item?.recording).toMatchObject({
      revision: first.revision + 1,
      note: "files-erased",
      events: [{}, { type: "on-hold" }, {}],
      tracks: [{ segments: [] }],
    });
    const { leaseId = "", recording } = item ?? {};
    expect((await segment(id, leaseId)).status).toBe(410);
    expect((await answerLease(id, "ack", { leaseId, revision: recording?.revision })).status).toBe(204);
    expect((await lease()).body.items).toEqual([]);
  });
});

test("a recording that changes while others are erased keeps its files until that revision is acknowledged", async () => {
  const ids = [await sealRecording("s1"), await sealRecording("s2")];
  const { items } = (await lease()).body;
  for (const { leaseId, recording } of items) {
    await answerLease(recording.id, "ack", { leaseId, revision: recording.revision });
  }
  recorder.clock.advance(61);
  const erasing = recorder.buffer.erasure.eraseAcked(60_000, recorder.clock.now());
  // What an event inside the second one does, while the first one's folder is being removed.
  const database = new Database(join(recorder.folder, "catalog.db"));
  database.prepare("UPDATE recordings SET revision = revision + 1 WHERE id = ?").run(ids[1]);
  database.close();
  expect(await erasing).toEqual(ids.slice(0, 1));
  const [again] = (await lease()).body.items;
  expect([again?.recording.id, again?.recording.revision]).toEqual([ids[1], 2]);
  expect((await segment(ids[1] ?? "", again?.leaseId ?? "")).status).toBe(200);
});

describe("refusing", () => {
  test("backs off, and raises an alarm in /readyz after 10 times", async () => {
    const id = await sealRecording();
    for (let nacks = 1; nacks <= 10; nacks += 1) {
      const { leaseId } = await leaseOne();
      expect((await answerLease(id, "nack", { leaseId, reason: "disk full" })).status).toBe(204);
      expect((await lease()).body.items).toEqual([]);
      recorder.clock.advance(600);
    }
    const ready = await fetch(new URL("/readyz", recorder.opsUrl));
    const alarm = { name: "handoff", state: "alarm", detail: `${id} refused 10 times: disk full` };
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ready", checks: expect.arrayContaining([alarm]) },
    ]);
  });

  test("needs the lease", async () => {
    const id = await sealRecording();
    await leaseOne();
    expect((await answerLease(id, "nack", { leaseId: "another", reason: "x" })).status).toBe(409);
  });
});
