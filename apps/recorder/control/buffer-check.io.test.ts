import { createHash } from "node:crypto";
import { mkdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pino from "pino";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Recording } from "#shared/api/recording.ts";
import { eventually } from "../testing/eventually.ts";
import { TestRecorder } from "../testing/test-recorder.ts";
import { BufferCheck } from "./buffer-check.ts";

let recorder: TestRecorder;
let lines: { level: number; msg: string }[];
beforeEach(async () => {
  lines = [];
  recorder = await TestRecorder.open();
  onTestFinished(() => recorder[Symbol.asyncDispose]());
});

/** A check as after a start; resolves when it is over. */
async function check(): Promise<BufferCheck> {
  const write = (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string });
  const clock = { now: () => Date.now() };
  const running = new BufferCheck({ buffer: recorder.buffer, clock, log: pino({}, { write }) });
  onTestFinished(() => running[Symbol.asyncDispose]());
  running.start();
  await running.whenDone();
  return running;
}

/** Fifteen seconds of picture, one file each. */
async function addSegments(recordingId: string): Promise<void> {
  const { capture } = recorder.buffer;
  const from = recorder.clock.now();
  const size = { width: 1_920, height: 1_080 };
  const facts = { recordingId, desktop: "PC", display: "1", codec: "vp9" as const, openedAt: from, ...size };
  for (const [index, id] of ["000001", "000002", "000003"].entries()) {
    const { trackId, previousSha256 } = capture.openTrack(facts);
    const content = `pictures of ${recordingId}/${id}`;
    const path = join(recorder.folder, pathOf(recordingId, id));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const about = { ...size, frames: 5, bytes: content.length, sha256, previousSha256 };
    capture.addSegment(recordingId, trackId, {
      id,
      startedAt: from + index * 5_000,
      durationMs: 5_000,
      ...about,
    });
  }
}

/** A sealed recording of them. */
async function sealRecording(session = "s1"): Promise<string> {
  await recorder.happens("connected", 0, { callSessionId: session });
  const [recording] = await recorder.recordings(`?callSessionId=${session}`);
  const id = recording?.id ?? "";
  await addSegments(id);
  await recorder.happens("agent-available", 15, { callSessionId: session });
  await eventually(async () => expect((await find(id)).phase).toBe("sealed"));
  return id;
}

const pathOf = (recordingId: string, segmentId: string) => join(recordingId, "1", `${segmentId}.scn`);

async function find(id: string): Promise<Recording> {
  return (await recorder.call<Recording>("admin", "GET", `/v1/recordings/${id}`)).body;
}

const coverageOf = ({ tracks }: Recording) => tracks[0]?.coverage.map(({ state, reason }) => reason ?? state);
const segmentsOf = ({ tracks }: Recording) => tracks[0]?.segments.map(({ id }) => id);

async function lease(): Promise<{ leaseId: string; recording: Recording } | undefined> {
  const body = { adapter: "a1", max: 1, waitMs: 0, leaseMs: 60_000 };
  const answer = await recorder.call<{ items: { leaseId: string; recording: Recording }[] }>(
    "adapter",
    "POST",
    "/v1/handoff/lease",
    body,
  );
  return answer.body.items[0];
}

async function acknowledge(): Promise<void> {
  const { leaseId, recording } = (await lease()) ?? {};
  const path = `/v1/handoff/${recording?.id}/ack`;
  await recorder.call("adapter", "POST", path, { leaseId, revision: recording?.revision });
}

describe("the check of the call buffer after a start", () => {
  test("finds nothing wrong where nothing is", async () => {
    await sealRecording();
    const { state } = await check();
    expect(state).toEqual({ isAlarm: false, detail: null });
    expect(lines).toMatchObject([
      { msg: "call buffer checked", recordings: 1, segments: 3, missing: 0, missingButHandedOff: 0 },
    ]);
  });

  test.each([
    ["missing", (path: string) => rm(path)],
    ["cut short", (path: string) => truncate(path, 5)],
  ])("makes a file that is %s a gap, in the next revision, with an alarm", async (_, damage) => {
    const id = await sealRecording();
    expect(await find(id)).toMatchObject({ revision: 1, coverage: "recorded" });
    await damage(join(recorder.folder, pathOf(id, "000002")));
    const { state, lostSegments } = await check();
    const revised = await find(id);
    expect(revised).toMatchObject({ revision: 2, coverage: "partial", note: "segments-lost" });
    expect(coverageOf(revised)).toEqual(["captured", "loss", "captured"]);
    expect(segmentsOf(revised)).toEqual(["000001", "000003"]);
    expect([state.isAlarm, lostSegments]).toEqual([true, 1]);
    expect(state.detail).toContain(pathOf(id, "000002"));
    expect(lines.filter(({ level }) => level >= 50)).toHaveLength(1);
    const { leaseId, recording } = (await lease()) ?? {};
    expect(recording?.revision).toBe(2);
    const path = `/v1/handoff/${id}/tracks/1/segments/000002?lease=${leaseId}`;
    expect((await recorder.call("adapter", "GET", path)).status).toBe(404);
  });

  test("says it once: a further start raises no further revision", async () => {
    const id = await sealRecording();
    await rm(join(recorder.folder, pathOf(id, "000001")));
    await check();
    const { state } = await check();
    expect((await find(id)).revision).toBe(2);
    expect(state.isAlarm).toBe(true);
    expect(lines.filter(({ level }) => level >= 50)).toHaveLength(1);
  });

  test("takes a file that is back as it was, and no other one", async () => {
    const id = await sealRecording();
    const path = join(recorder.folder, pathOf(id, "000002"));
    const content = await readFile(path);
    await rm(path);
    await check();
    await writeFile(path, Buffer.alloc(content.byteLength, "x"));
    await check();
    expect((await find(id)).revision).toBe(2);
    await writeFile(path, content);
    const { state } = await check();
    const healed = await find(id);
    expect(healed).toMatchObject({ revision: 3, coverage: "recorded", note: null });
    expect(segmentsOf(healed)).toEqual(["000001", "000002", "000003"]);
    expect(state.isAlarm).toBe(false);
  });

  test("leaves a recording as it is whose lost file an adapter has", async () => {
    const id = await sealRecording();
    await acknowledge();
    await rm(join(recorder.folder, pathOf(id, "000002")));
    const { state } = await check();
    expect(await find(id)).toMatchObject({ revision: 1, coverage: "recorded" });
    expect(state.isAlarm).toBe(false);
    expect(lines.at(-1)).toMatchObject({ missing: 0, missingButHandedOff: 1 });
  });

  test("looks at recordings that are under way too", async () => {
    await recorder.happens("connected");
    const { id } = await recorder.onlyRecording();
    await addSegments(id);
    await rm(join(recorder.folder, pathOf(id, "000001")));
    await check();
    expect(coverageOf(await find(id))?.[0]).toBe("loss");
    expect((await find(id)).revision).toBe(1);
  });

  test("tells of files that nobody knows, and leaves them and unsealed ones where they are", async () => {
    const id = await sealRecording();
    const strays = ["old-backup.tar", "01UNKNOWN/1/000001.scn", `${id}/1/000009.scn`];
    const known = [`${id}/1/000004.scn.part`, `${id}/1/000005.scn.damaged`];
    const longAgo = new Date(Date.now() - 60_000);
    for (const path of [...strays, ...known]) {
      await mkdir(dirname(join(recorder.folder, path)), { recursive: true });
      await writeFile(join(recorder.folder, path), "abc");
      await utimes(join(recorder.folder, path), longAgo, longAgo);
    }
    for (const path of ["01UNKNOWN/1", "01UNKNOWN"])
      await utimes(join(recorder.folder, path), longAgo, longAgo);
    const { state } = await check();
    expect(state.isAlarm).toBe(false);
    expect(state.detail).toContain("3 files or folders (9 B)");
    for (const path of ["old-backup.tar", "01UNKNOWN", `${id}/1/000009.scn`])
      expect(state.detail).toContain(path);
    for (const path of [...strays, ...known])
      expect(await readFile(join(recorder.folder, path), "utf8")).toBe("abc");
    expect(lines.at(-1)).toMatchObject({ unsealed: 1, damaged: 1 });
  });

  test("is no obstacle to an erasure that goes on meanwhile", async () => {
    const id = await sealRecording();
    await acknowledge();
    recorder.clock.advance(10);
    await recorder.buffer.erasure.eraseAcked(1_000, recorder.clock.now());
    const fault = { recordingId: id, trackId: 1, segmentId: "000001", kind: "missing" as const };
    expect(await recorder.buffer.commit(() => recorder.buffer.segmentFaults.note(fault))).toBe("gone");
  });
});

test("a file that is missing when an adapter asks for it is left out of the next revision", async () => {
  const id = await sealRecording();
  await rm(join(recorder.folder, pathOf(id, "000003")));
  const { leaseId } = (await lease()) ?? {};
  const path = `/v1/handoff/${id}/tracks/1/segments/000003?lease=${leaseId}`;
  expect((await recorder.call("adapter", "GET", path)).status).toBe(500);
  await eventually(async () => expect((await find(id)).revision).toBe(2));
  expect(segmentsOf(await find(id))).toEqual(["000001", "000002"]);
});
