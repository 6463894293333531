import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { EncodedFrame } from "../capture/ports.ts";
import { playCapture, readChromiumCapture } from "../media/testing/rtp-fixture.ts";
import { SegmentDisk } from "./segment-disk.ts";
import type { OpenFile } from "./segment-folder.ts";
import { probeSegment } from "./testing/probe.ts";
import { atSecond, openWriterRig, TICKS_FROM } from "./testing/writer-rig.ts";

const { frames } = playCapture(readChromiumCapture());
const [key, delta] = frames;

/** Linux's device that is always full. */
const openFullDisk: OpenFile = () => open("/dev/full", "r+");

/** A real file whose writes go through `write` first. */
function openThrough(beforeWrite: (count: number) => Promise<void>): OpenFile {
  return async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    let count = 0;
    const writev: FileHandle["writev"] = async (buffers, position) => {
      count += 1;
      await beforeWrite(count);
      return handle.writev(buffers, position);
    };
    return new Proxy(handle, {
      get: (target, name) => {
        if (name === "writev") return writev;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
}

test("a full disk fails the segment once and is tried again 5 s later", async () => {
  let isFull = true;
  const openFile: OpenFile = (path, flags, mode) =>
    isFull ? openFullDisk(path, flags, mode) : open(path, flags, mode);
  await using rig = await openWriterRig({}, new SegmentDisk(openFile));
  rig.writer.push(atSecond(key, 0));
  await expect.poll(() => rig.faults).toEqual([{ code: "SEGMENT_NOT_WRITTEN", reason: "disk-full" }]);
  isFull = false;
  rig.writer.push(atSecond(key, 4.9));
  rig.writer.push(atSecond(delta, 5));
  expect(rig.keyRequests).toBe(1);
  rig.writer.push(atSecond(key, 5.2));
  await rig.writer.seal();
  expect(rig.faults).toHaveLength(1);
  expect(rig.segments).toMatchObject([{ id: "000002", frames: 1 }]);
  // The only frame of the first segment, taken to be shown for 200 ms.
  expect(rig.lost).toEqual([{ fromMs: 0, toMs: 200, reason: "disk-full" }]);
});

test("what was written before the disk was full is sealed and decodes", async () => {
  let written = 0;
  const openFile = openThrough(async (count) => {
    // The header, the first frame and two clusters fit.
    if (count === 5) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    written = count;
  });
  await using rig = await openWriterRig({}, new SegmentDisk(openFile));
  for (const frame of frames.slice(0, 51)) rig.writer.push(frame);
  await expect.poll(() => rig.segments).toHaveLength(1);
  expect(written).toBeGreaterThan(4);
  expect(rig.faults).toEqual([{ code: "SEGMENT_NOT_WRITTEN", reason: "disk-full" }]);
  const [segment] = rig.segments;
  // One frame alone, then clusters of a second: 10 frames each.
  expect(segment).toMatchObject({ frames: 21 });
  expect(await probeSegment(join(rig.folder, "000001.scn"))).toMatchObject({
    frames: 21,
    durationMs: segment?.durationMs,
    errors: "",
  });
  expect(rig.lost).toMatchObject([{ reason: "disk-full" }]);
  expect(rig.lost[0]?.fromMs).toBe((segment?.startedAt ?? 0) - TICKS_FROM + (segment?.durationMs ?? 0));
});

test("a segment that cannot be completed is told as lost from its beginning", async () => {
  let isFull = false;
  const openFile = openThrough(() =>
    isFull
      ? Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }))
      : Promise.resolve(),
  );
  await using rig = await openWriterRig({}, new SegmentDisk(openFile));
  rig.writer.push(atSecond(key, 0));
  for (let index = 1; index <= 9; index++) rig.writer.push(atSecond(delta, index));
  await expect.poll(() => rig.firstWritten).toEqual(["000001"]);
  isFull = true;
  await rig.writer.seal();
  expect(rig.segments).toEqual([]);
  expect(rig.lost).toEqual([{ fromMs: 0, toMs: 9_200, reason: "disk-full" }]);
});

test("a disk that does not keep up costs frames, not memory", async () => {
  const disk = Promise.withResolvers<void>();
  await using rig = await openWriterRig({}, new SegmentDisk(openThrough(() => disk.promise)));
  const large = (second: number, isKey: boolean): EncodedFrame => ({
    ...atSecond(isKey ? key : delta, second),
    data: new Uint8Array(1024 * 1024),
  });
  rig.writer.push(large(0, true));
  for (let index = 1; index <= 40; index++) rig.writer.push(large(index / 10, index === 30));
  expect(rig.faults).toEqual([{ code: "DISK_TOO_SLOW", reason: "loss" }]);
  disk.resolve();
  await expect.poll(() => rig.segments).toMatchObject([{ id: "000001", frames: 16 }]);
  rig.writer.push(large(5, false));
  expect(rig.keyRequests).toBe(1);
  rig.writer.push(large(5.1, true));
  await rig.writer.seal();
  expect(rig.segments).toMatchObject([{ frames: 16 }, { id: "000002", frames: 1 }]);
  expect(rig.faults).toHaveLength(1);
});

test("a folder that cannot be made is a fault, not a crash", async () => {
  await using rig = await openWriterRig({ folder: "/dev/null/01JREC/1" });
  rig.writer.push(atSecond(key, 0));
  await rig.writer.seal();
  expect(rig.faults).toEqual([{ code: "SEGMENT_NOT_WRITTEN", reason: "loss" }]);
});

test("many tracks on a slow disk cost frames and never more memory than is allowed", async () => {
  const TRACKS = 24;
  const FRAME_BYTES = 128 * 1024;
  let isSlow = true;
  const mostWaiting = 8 * 1024 * 1024;
  const disk = new SegmentDisk(
    openThrough(() => (isSlow ? sleep(150) : Promise.resolve())),
    mostWaiting,
  );
  await using rigs = new AsyncDisposableStack();
  const tracks = await Promise.all(
    Array.from({ length: TRACKS }, async () => rigs.use(await openWriterRig({ segmentS: 3 }, disk))),
  );
  const data = new Uint8Array(FRAME_BYTES);
  let most = 0;
  let offered = 0;
  const offer = (index: number) => {
    for (const { writer } of tracks) {
      writer.push({ ...atSecond(index % 10 === 0 ? key : delta, index / 10), data });
      offered += 1;
    }
    most = Math.max(most, disk.waiting.used);
  };
  for (let index = 0; index < 40; index++) {
    offer(index);
    await sleep(20);
  }
  isSlow = false;
  await expect.poll(() => disk.waiting.used < mostWaiting / 4, { timeout: 20_000 }).toBe(true);
  for (let index = 41; index < 61; index++) offer(index);
  await Promise.all(tracks.map(({ writer }) => writer.seal()));

  const written = tracks.flatMap(({ segments }) => segments).reduce((sum, { frames }) => sum + frames, 0);
  // More was offered than memory holds, so frames had to go; and all that were taken are in files.
  expect(offered * FRAME_BYTES).toBeGreaterThan(4 * mostWaiting);
  expect(most).toBeLessThanOrEqual(mostWaiting);
  expect(written).toBeLessThan(offered);
  expect(disk.waiting.used).toBe(0);
  const slow = tracks.filter(({ faults }) => faults.some(({ code }) => code === "DISK_TOO_SLOW"));
  expect(slow.length).toBeGreaterThan(0);
  for (const { segments, faults, lost } of tracks) {
    expect(faults.every(({ code, reason }) => code === "DISK_TOO_SLOW" && reason === "loss")).toBe(true);
    expect(lost).toEqual([]);
    // After the disk has caught up each goes on, in a segment of its own that begins with a key frame.
    expect(segments.at(-1)).toMatchObject({ frames: expect.any(Number) });
    expect((segments.at(-1)?.startedAt ?? 0) - TICKS_FROM).toBeGreaterThanOrEqual(3_000);
  }
});

test("hundreds of segments that end at once are sealed a few at a time, and the event loop goes on", async () => {
  const TRACKS = 200;
  let syncing = 0;
  let mostSyncing = 0;
  const openFile: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    const datasync: FileHandle["datasync"] = async () => {
      syncing += 1;
      mostSyncing = Math.max(mostSyncing, syncing);
      await handle.datasync().finally(() => (syncing -= 1));
    };
    return new Proxy(handle, {
      get: (target, name) => {
        if (name === "datasync") return datasync;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const disk = new SegmentDisk(openFile);
  await using rigs = new AsyncDisposableStack();
  const tracks = await Promise.all(
    Array.from({ length: TRACKS }, async () => rigs.use(await openWriterRig({}, disk))),
  );
  for (const { writer } of tracks) for (const frame of frames.slice(0, 10)) writer.push(frame);
  await expect
    .poll(() => tracks.every(({ firstWritten }) => firstWritten.length === 1), { timeout: 20_000 })
    .toBe(true);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  await Promise.all(tracks.map(({ writer }) => writer.seal()));
  clearInterval(counting);
  expect(tracks.every(({ segments }) => segments[0]?.frames === 10)).toBe(true);
  // Sealing at most four, flushing at most eight.
  expect(mostSyncing).toBeLessThanOrEqual(12);
  expect(turns).toBeGreaterThan(TRACKS / 10);
});
