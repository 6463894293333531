import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { playCapture, readChromiumCapture } from "../media/testing/rtp-fixture.ts";
import { probeSegment } from "./testing/probe.ts";
import { atSecond, openWriterRig, TICKS_FROM } from "./testing/writer-rig.ts";

/** 66 pictures at 10 per second; key pictures are 0, 36 and (of another size) 51. */
const { frames } = playCapture(readChromiumCapture());
const [key, delta] = frames;

test("a real stream is cut at key frames and sizes, and every frame of every segment decodes", async () => {
  await using rig = await openWriterRig({ segmentS: 3, previousSha256: "f".repeat(64) });
  for (const frame of frames) rig.writer.push(frame);
  await rig.writer.seal();

  expect(await rig.files()).toEqual(["000001.scn", "000002.scn", "000003.scn"]);
  // Each told by its own file, so in any order.
  expect(rig.firstWritten.toSorted()).toEqual(["000001", "000002", "000003"]);
  expect(rig.faults).toEqual([]);
  expect(rig.keyRequests).toBe(1);
  expect(rig.segments.map(({ id, frames, width, height }) => ({ id, frames, width, height }))).toEqual([
    { id: "000001", frames: 36, width: 640, height: 360 },
    { id: "000002", frames: 15, width: 640, height: 360 },
    { id: "000003", frames: 15, width: 480, height: 300 },
  ]);
  let previousSha256 = "f".repeat(64);
  for (const [index, segment] of rig.segments.entries()) {
    const path = join(rig.folder, `${segment.id}.scn`);
    const bytes = await readFile(path);
    expect(await probeSegment(path)).toEqual({
      frames: segment.frames,
      width: segment.width,
      height: segment.height,
      durationMs: segment.durationMs,
      errors: "",
    });
    expect(segment.bytes).toBe(bytes.byteLength);
    expect(segment.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(segment.previousSha256).toBe(previousSha256);
    previousSha256 = segment.sha256;
    const next = rig.segments[index + 1];
    // Both ends are rounded to whole milliseconds.
    if (next)
      expect(Math.abs(segment.startedAt + segment.durationMs - next.startedAt)).toBeLessThanOrEqual(1);
  }
});

test("the first frame can be decoded from the open file as soon as it is told", async () => {
  await using rig = await openWriterRig();
  rig.writer.push(atSecond(key, 0));
  await expect.poll(() => rig.firstWritten).toEqual(["000001"]);
  expect(await probeSegment(join(rig.folder, "000001.scn.part"))).toMatchObject({ frames: 1, errors: "" });
});

test("a screen that then is still has its last frames in the file a second later", async () => {
  await using rig = await openWriterRig();
  for (const frame of frames.slice(0, 5)) rig.writer.push(frame);
  const path = join(rig.folder, "000001.scn.part");
  await expect.poll(() => rig.firstWritten).toEqual(["000001"]);
  await expect.poll(async () => (await probeSegment(path)).frames, { timeout: 10_000 }).toBe(5);
});

test("the header of an open file says when it began, better once that is known better", async () => {
  let isKnown = false;
  await using rig = await openWriterRig({
    wallTimeOf: (rtpTicks) => TICKS_FROM + rtpTicks / 90 + (isKnown ? 0 : 480),
    clockSource: () => (isKnown ? "sender-reports" : "arrival"),
  });
  const path = join(rig.folder, "000001.scn.part");
  rig.writer.push(atSecond(key, 1));
  await expect.poll(() => rig.firstWritten).toHaveLength(1);
  expect(await readFile(path, "latin1")).toContain(String(TICKS_FROM + 1_480));
  isKnown = true;
  rig.writer.push(atSecond(delta, 1.2));
  await expect
    .poll(() => readFile(path, "latin1"), { timeout: 10_000 })
    .toContain(String(TICKS_FROM + 1_000));
  expect(await readFile(path, "latin1")).toContain("sender-reports");
});

test("sealing twice reports once, and what comes after is not taken", async () => {
  await using rig = await openWriterRig();
  rig.writer.push(atSecond(key, 0));
  await Promise.all([rig.writer.seal(), rig.writer.seal()]);
  rig.writer.push(atSecond(key, 1));
  await rig.writer.seal();
  expect(rig.segments).toHaveLength(1);
  expect(await rig.files()).toEqual(["000001.scn"]);
});

test("a writer that never got a frame leaves nothing behind", async () => {
  await using rig = await openWriterRig();
  await rig.writer.seal();
  expect([rig.segments, await rig.files()]).toEqual([[], []]);
});

test("abandoning seals nothing and reports nothing, however often", async () => {
  await using rig = await openWriterRig();
  for (const frame of frames.slice(0, 20)) rig.writer.push(frame);
  await rig.writer.abandon();
  rig.writer.push(atSecond(key, 99));
  await rig.writer.abandon();
  await rig.writer.seal();
  expect(rig.segments).toEqual([]);
  expect((await rig.files()).filter((name) => !name.endsWith(".part"))).toEqual([]);
});

test("frames before the first key frame are dropped, and one is asked for", async () => {
  await using rig = await openWriterRig();
  for (const second of [0, 0.1, 0.2]) rig.writer.push(atSecond(delta, second));
  expect(rig.keyRequests).toBe(1);
  rig.writer.push(atSecond(key, 0.3));
  await rig.writer.seal();
  expect(rig.segments).toMatchObject([{ id: "000001", frames: 1, durationMs: 200 }]);
});

test("without a key frame for 30 s past its length a segment is closed, and the next one waits for one", async () => {
  await using rig = await openWriterRig({ segmentS: 60 });
  rig.writer.push(atSecond(key, 0));
  for (let second = 5; second <= 100; second += 5) rig.writer.push(atSecond(delta, second));
  rig.writer.push(atSecond(key, 101));
  await rig.writer.seal();
  expect(rig.faults).toEqual([{ code: "NO_KEY_FRAME", reason: "no-key-frame" }]);
  expect(rig.segments).toMatchObject([
    { id: "000001", frames: 18, durationMs: 90_000 },
    { id: "000002", frames: 1 },
  ]);
  // One for the cut, one for the new segment.
  expect(rig.keyRequests).toBe(2);
});

test("a gap of more than 10 s ends a segment with its last picture", async () => {
  await using rig = await openWriterRig();
  rig.writer.push(atSecond(key, 0));
  rig.writer.push(atSecond(delta, 0.4));
  rig.writer.push(atSecond(key, 10.5));
  await rig.writer.seal();
  expect(rig.segments).toMatchObject([
    { frames: 2, durationMs: 800, startedAt: 1_772_445_750_000 },
    { frames: 1, durationMs: 200, startedAt: 1_772_445_760_500 },
  ]);
});

test("when nothing comes any more a key frame is asked for, and after 10 s the segment is sealed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await using rig = await openWriterRig();
  rig.writer.push(atSecond(key, 0));
  vi.advanceTimersByTime(4_999);
  expect(rig.keyRequests).toBe(0);
  vi.advanceTimersByTime(1);
  expect(rig.keyRequests).toBe(1);
  vi.advanceTimersByTime(5_000);
  await expect.poll(() => rig.segments).toMatchObject([{ id: "000001", frames: 1, durationMs: 200 }]);
});

test("time stamps that repeat or run back still give each frame a later time", async () => {
  await using rig = await openWriterRig();
  for (const [index, second] of [1, 1.2, 1.2, 1.1, 1.3].entries()) {
    rig.writer.push(atSecond(frames[index], second));
  }
  await rig.writer.seal();
  // 0, 200, 201, 202 and 300 ms; the last lasts as long as the one before it.
  const probe = await probeSegment(join(rig.folder, "000001.scn"));
  expect(probe).toMatchObject({ frames: 5, durationMs: 398, errors: "" });
});

test("a file that a crash left behind is not overwritten", async () => {
  await using rig = await openWriterRig();
  await mkdir(rig.folder, { recursive: true });
  await writeFile(join(rig.folder, "000004.scn.part"), "evidence");
  rig.writer.push(atSecond(key, 0));
  await rig.writer.seal();
  expect(rig.segments.map(({ id }) => id)).toEqual(["000005"]);
  expect(await readFile(join(rig.folder, "000004.scn.part"), "utf8")).toBe("evidence");
});

test("a segment that the catalogue refuses is a fault, and the chain goes on from the one before", async () => {
  const kept: (string | null)[] = [];
  let refusals = 1;
  await using rig = await openWriterRig({
    segmentS: 3,
    onSegment: ({ previousSha256 }) => {
      if (refusals-- > 0) throw new Error("catalogue is closed");
      kept.push(previousSha256);
    },
  });
  for (const frame of frames.slice(0, 40)) rig.writer.push(frame);
  await rig.writer.seal();
  expect(rig.faults).toEqual([{ code: "SEGMENT_NOT_WRITTEN", reason: "loss" }]);
  expect(kept).toEqual([null]);
});
