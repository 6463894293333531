import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LeaseAnswer } from "#shared/handoff/lease.ts";
import { openBuffer } from "../call-buffer/database.ts";
import { Erasure } from "../call-buffer/erasure.ts";
import { eventually } from "../testing/eventually.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open({ discardGraceS: 10 });
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

/** Rings at 10:00:00 and is not answered by 10:00:05, with pictures all the while. */
async function discardOne(): Promise<string> {
  await recorder.happens("ringing");
  const { id } = await recorder.onlyRecording();
  await recorder.addSegment(id, recorder.clock.now(), 5_000);
  await recorder.happens("not-responding", 5);
  return id;
}

/** Time passes; an event that is about nothing has the timers look at the clock at once. */
async function pass(seconds: number): Promise<void> {
  await recorder.happens("agent-available", seconds, { agent: "nobody", callSessionId: undefined });
}

async function expectErased(id: string): Promise<void> {
  await eventually(async () => expect(await recorder.folders()).not.toContain(id));
  expect(await recorder.onlyRecording()).toMatchObject({ phase: "discarded", tracks: [{ segments: [] }] });
  await expectWithheld(id);
}

/** Nobody can have it. */
async function expectWithheld(id: string): Promise<void> {
  const lease = await recorder.call<LeaseAnswer>("adapter", "POST", "/v1/handoff/lease", { adapter: "a" });
  expect(lease.body.items).toEqual([]);
  const path = `/v1/handoff/${id}/tracks/1/segments/000001?lease=any`;
  expect((await recorder.call("adapter", "GET", path)).status).toBe(410);
}

/** Changes the catalogue of a stopped recorder: what a process that was killed had come to. */
function changeCatalogue(sql: string, ...values: unknown[]): void {
  const database = new Database(join(recorder.folder, "catalog.db"));
  database.prepare(sql).run(...values);
  database.close();
}

describe("a discarded recording", () => {
  test("is withheld from the moment it is discarded, and erased when the grace time is over, not before", async () => {
    const id = await discardOne();
    await expectWithheld(id);
    expect(recorder.capture.ends).toEqual([{ recordingId: id, how: "seal" }]);
    await pass(9);
    expect(await recorder.folders()).toContain(id);
    await pass(1);
    await expectErased(id);
  });

  test("can be brought back until then, and not after", async () => {
    await discardOne();
    await pass(9);
    await recorder.happens("connected", 0, { at: "2026-03-02T10:00:03Z" });
    expect(await recorder.onlyRecording()).toMatchObject({ phase: "kept", tracks: [{ segments: [{}] }] });
  });

  test("that is erased takes a late answer onto its timeline only", async () => {
    const id = await discardOne();
    await pass(10);
    await expectErased(id);
    await recorder.happens("connected", 0, { at: "2026-03-02T10:00:03Z" });
    const { phase, events, coverage, note } = await recorder.onlyRecording();
    expect([phase, events.map(({ type }) => type), coverage, note]).toEqual([
      "discarded",
      ["ringing", "connected", "not-responding"],
      "not-recorded",
      "events-late",
    ]);
    expect(recorder.capture.orders.length).toBe(1);
  });
});

describe("without a grace time", () => {
  beforeEach(async () => {
    await recorder[Symbol.asyncDispose]();
    recorder = await TestRecorder.open({ discardGraceS: 0 });
  });

  test("it is erased at once, its open files thrown away, and cannot come back", async () => {
    const id = await discardOne();
    await expectErased(id);
    expect(new Set(recorder.capture.ends.map(({ how }) => how))).toEqual(new Set(["discard"]));
    await recorder.happens("connected", 0, { at: "2026-03-02T10:00:03Z" });
    expect((await recorder.onlyRecording()).phase).toBe("discarded");
  });

  test("its files go only when the capture has let go of them", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    recorder.capture.hold = promise;
    const id = await discardOne();
    await pass(60);
    expect(await recorder.folders()).toContain(id);
    resolve();
    await expectErased(id);
  });
});

describe("a recorder that is killed", () => {
  test("between the decision and the end of the capture erases after its start", async () => {
    recorder.capture.hold = Promise.reject(new Error("killed"));
    recorder.capture.hold.catch(() => {});
    const id = await discardOne();
    await recorder.stop();
    recorder.capture.hold = Promise.resolve();
    recorder.clock.advance(60);
    await recorder.start();
    await expectErased(id);
  });

  test("within the grace time lets it pass: the recording can still be brought back", async () => {
    const id = await discardOne();
    await recorder.stop();
    await recorder.start();
    await pass(5);
    expect(await recorder.folders()).toContain(id);
    await recorder.happens("connected", 0, { at: "2026-03-02T10:00:03Z" });
    expect((await recorder.onlyRecording()).phase).toBe("kept");
    await pass(60);
    expect(await recorder.folders()).toContain(id);
  });

  test("between the grace time's end and the mark erases after its start", async () => {
    const id = await discardOne();
    await recorder.stop();
    recorder.clock.advance(60);
    await recorder.start();
    await expectErased(id);
  });

  test.each([
    ["between the mark and the removal", []],
    ["in the middle of the removal", ["1"]],
  ])("%s has removed the rest when it is up again", async (_, removed) => {
    const id = await discardOne();
    await recorder.stop();
    changeCatalogue("UPDATE recordings SET erased_at = ? WHERE id = ?", recorder.clock.now(), id);
    for (const part of removed) await rm(join(recorder.folder, id, part), { recursive: true });
    await recorder.start();
    expect(await recorder.folders()).not.toContain(id);
    await expectErased(id);
  });

  test("after the removal has nothing left to do", async () => {
    const id = await discardOne();
    await pass(10);
    await expectErased(id);
    await recorder.stop();
    await recorder.start();
    await expectErased(id);
    expect(recorder.buffer.legs.unfinished()).toEqual([]);
  });
});

test("files that could not be removed are removed by the next attempt, without a restart", async () => {
  const id = await discardOne();
  await recorder.stop();
  // A place that is no folder gives the fault that a damaged disk would.
  const disk = join(recorder.folder, "disk");
  await writeFile(disk, "");
  {
    using opened = openBuffer(recorder.folder);
    const commit = async <Result>(changes: () => Result) => changes();
    const erasure = new Erasure({ ...opened, folder: disk }, commit);
    const now = recorder.clock.now() + 10_000;
    await expect(erasure.eraseDiscarded(id, now)).rejects.toThrow(/ENOTDIR/);
    await rm(disk);
    await mkdir(join(disk, id), { recursive: true });
    expect(await erasure.eraseDiscarded(id, now)).toBe(true);
    await expect(rm(join(disk, id))).rejects.toThrow(/ENOENT/);
    expect(await erasure.eraseDiscarded(id, now)).toBe(false);
  }
  await recorder.start();
});
