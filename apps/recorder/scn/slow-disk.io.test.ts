import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { CatalogueNotes } from "../capture/catalogue-notes.ts";
import { RecordedTrack } from "../capture/recorded-track.ts";
import { FakeStream } from "../capture/testing/fake-media.ts";
import { playCapture, readChromiumCapture } from "../media/testing/rtp-fixture.ts";
import { TestRecorder } from "../testing/test-recorder.ts";
import { SegmentDisk } from "./segment-disk.ts";
import type { OpenFile } from "./segment-folder.ts";
import { createTrackWriter } from "./track-writer.ts";

const [key] = playCapture(readChromiumCapture()).frames;
const FRAME_BYTES = 256 * 1024;

test("what a slow disk has cost is a gap in the coverage, which ends when pictures are in a file again", async () => {
  let disturbance: Promise<void> = Promise.resolve();
  const openFile: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    const writev: FileHandle["writev"] = async (buffers, position) => {
      await disturbance;
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
  await using recorder = await TestRecorder.open();
  recorder.clock.run();
  await recorder.happens("connected");
  const { id: recordingId } = await recorder.onlyRecording();
  const [clock, log] = [new WallClock(), silentLog()];
  // Ten frames of it.
  const disk = new SegmentDisk(openFile, 10 * FRAME_BYTES);
  const track = new RecordedTrack(
    {
      ...{ recordingId, desktop: "PC", display: "1", codec: "vp9", width: 640, height: 360 },
      openedAt: clock.now(),
    },
    {
      store: {
        ...{ catalogue: recorder.buffer.capture, bufferDir: recorder.folder, segmentS: 60, clock },
        createTrackWriter: (options) => createTrackWriter(options, disk),
      },
      notes: new CatalogueNotes(clock, log),
      log,
    },
    { onFrame() {}, onFirstFrameWritten() {} },
  );
  const stream = new FakeStream("P1", clock.steady());
  track.feed(stream, clock.steady());
  await expect.poll(() => stream.sinks.size).toBe(1);
  const send = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const arrivedAt = clock.steady();
      if (key === undefined) throw new Error("the capture is empty");
      const frame = { ...key, data: new Uint8Array(FRAME_BYTES), rtpTicks: arrivedAt * 90, arrivedAt };
      for (const sink of stream.sinks) sink.push(frame);
      await sleep(50);
    }
  };
  await send(6);
  const { promise, resolve: end } = Promise.withResolvers<void>();
  disturbance = promise;
  const slowFrom = Date.now();
  await send(30);
  end();
  const slowTo = Date.now();
  await expect.poll(() => disk.waiting.used, { timeout: 10_000 }).toBe(0);
  await send(6);
  await track.end("seal");

  const coverage = (await recorder.onlyRecording()).tracks[0]?.coverage ?? [];
  expect(coverage.map(({ state, reason }) => reason ?? state)).toEqual([
    "late-start",
    "captured",
    "loss",
    "captured",
  ]);
  const [, , gap] = coverage;
  expect(Date.parse(gap?.from ?? "")).toBeGreaterThanOrEqual(slowFrom);
  expect(Date.parse(gap?.from ?? "")).toBeLessThan(slowTo);
  expect(Date.parse(gap?.to ?? "")).toBeGreaterThanOrEqual(slowTo);
});
