import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { chainFaults } from "../../domain/hash-chain.ts";
import { playCapture, readChromiumCapture } from "../../media/testing/rtp-fixture.ts";
import { TestRecorder } from "../../testing/test-recorder.ts";
import { makeSegment } from "../testing/made-segment.ts";
import { recoverSegments } from "./recover-buffer.ts";

const { frames } = playCapture(readChromiumCapture());
const SECOND = 1_000;

let recorder: TestRecorder;
let recordingId: string;
let folder: string;
let trackId: string;
beforeEach(async () => {
  recorder = await TestRecorder.open();
  await recorder.happens("ringing");
  await recorder.happens("connected");
  recordingId = (await recorder.onlyRecording()).id;
  trackId = openTrack();
  folder = join(recorder.folder, recordingId, trackId);
  await mkdir(folder, { recursive: true });
});
afterEach(() => recorder[Symbol.asyncDispose]());

function openTrack(): string {
  const { clock, buffer } = recorder;
  const facts = { desktop: "PC", display: "1", codec: "vp9" as const, width: 1_920, height: 1_080 };
  return buffer.capture.openTrack({ recordingId, ...facts, openedAt: clock.now() }).trackId;
}

/** 36 frames in 3.6 s from `second` on, as a writer that was killed leaves them, or as it sealed them. */
async function leave(id: string, second: number, state: "open" | "sealed" = "open"): Promise<Buffer> {
  const startedAt = recorder.clock.now() + second * SECOND;
  const { bytes } = makeSegment(frames.slice(0, 36), state, {
    recordingId,
    trackId,
    segmentId: id,
    startedAt,
  });
  await writeFile(join(folder, state === "open" ? `${id}.scn.part` : `${id}.scn`), bytes);
  return bytes;
}

async function restart(): Promise<void> {
  await recorder.stop();
  recorder.clock.advance(20);
  await recorder.start();
}

const links = () => recorder.buffer.tracks.tracksOf(recordingId)[0]?.segments ?? [];
const names = async () => (await readdir(folder)).toSorted((a, b) => a.localeCompare(b));

test("what was open when the recorder was killed is a segment after its start, and the gap begins where it ends", async () => {
  const from = recorder.clock.now();
  await recorder.addSegment(recordingId, from, 4 * SECOND);
  await leave("000002", 4);
  await restart();
  const recording = await recorder.onlyRecording();
  expect(recording.tracks[0]?.segments).toMatchObject([
    { id: "000001", durationMs: 4_000 },
    { id: "000002", startedAt: new Date(from + 4_000).toISOString(), durationMs: 3_600, frames: 36 },
  ]);
  expect(recording.tracks[0]?.coverage).toEqual([
    { from: new Date(from).toISOString(), to: new Date(from + 7_600).toISOString(), state: "captured" },
    {
      from: new Date(from + 7_600).toISOString(),
      to: new Date(from + 20_000).toISOString(),
      state: "gap",
      reason: "recorder-restart",
    },
  ]);
  expect(chainFaults(links())).toEqual([]);
  expect(await names()).toEqual(["000001.scn", "000002.scn"]);
});

test("a file that was sealed and has no row gets it, and what was open after it follows in the chain", async () => {
  const sealed = await leave("000001", 0, "sealed");
  await leave("000002", 3.6);
  await restart();
  expect((await recorder.onlyRecording()).tracks[0]?.segments.map(({ id }) => id)).toEqual([
    "000001",
    "000002",
  ]);
  expect((await readFile(join(folder, "000001.scn"))).equals(sealed)).toBe(true);
  expect(links().map(({ previousSha256 }) => previousSha256)).toEqual([null, links()[0]?.sha256]);
  expect(
    recorder.buffer.capture.openTrack({
      ...{ recordingId, desktop: "PC", display: "1", codec: "vp9", width: 1_920, height: 1_080, openedAt: 0 },
    }),
  ).toEqual({ trackId, nextSegment: 3, previousSha256: links()[1]?.sha256 });
});

test("a recovery that is killed anywhere and run again leaves the same as one that was not", async () => {
  await leave("000001", 0);
  await restart();
  const whole = { links: links(), names: await names() };
  // Before its row was on the disk: the file is there, in one state or the other.
  await restart();
  expect({ links: links(), names: await names() }).toEqual(whole);
  // After a damaged one had its row, and before the open file was put aside.
  await copyFile(join(folder, "000001.scn"), join(folder, "000001.scn.part"));
  await restart();
  expect(links()).toEqual(whole.links);
  expect(await names()).toEqual(["000001.scn", "000001.scn.damaged"]);
});

test("a hole in a recovered file is a gap", async () => {
  const from = recorder.clock.now();
  const bytes = Buffer.from(await leave("000001", 0));
  bytes.fill(0, bytes.byteLength - 20_000, bytes.byteLength - 19_000);
  await writeFile(join(folder, "000001.scn.part"), bytes);
  await utimes(join(folder, "000001.scn.part"), from / 1_000 + 4, from / 1_000 + 4);
  await restart();
  const [track] = (await recorder.onlyRecording()).tracks;
  const gaps = track?.coverage.filter(({ state }) => state === "gap").map(({ reason }) => reason);
  expect(gaps).toEqual(["loss", "recorder-restart"]);
});

test("files that nobody can recover, or whose recording is not known, keep no recorder from starting", async () => {
  await writeFile(join(folder, "000001.scn.part"), Buffer.alloc(5_000, 7));
  await writeFile(join(folder, "000002.scn.part"), "");
  await leave("000003", 0);
  const strange = join(recorder.folder, "01UNKNOWN", "1");
  await mkdir(strange, { recursive: true });
  await copyFile(join(folder, "000003.scn.part"), join(strange, "000001.scn.part"));
  await recorder.stop();
  await recorder.start();
  expect(await names()).toEqual(["000001.scn.damaged", "000003.scn"]);
  expect(links().map(({ id }) => id)).toEqual(["000003"]);
  expect(await readdir(strange)).toEqual(["000001.scn.part"]);
  await rm(strange, { recursive: true });
});

test("an open file in a recording that ended long ago is recovered too, and the recording gets a revision", async () => {
  await recorder.addSegment(recordingId, recorder.clock.now(), 4 * SECOND);
  await recorder.happens("agent-available", 9);
  const sealed = await recorder.untilPhase("sealed");
  await leave("000002", -5);
  await restart();
  const after = await recorder.onlyRecording();
  expect(after.tracks[0]?.segments.map(({ id }) => id)).toEqual(["000001", "000002"]);
  expect(after.revision).toBe(sealed.revision + 1);
});

test("many files are recovered while the event loop goes on", async () => {
  const FILES = 60;
  for (let index = 1; index <= FILES; index++) await leave(String(index).padStart(6, "0"), index * 4);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  const count = await recoverSegments(recorder.buffer, silentLog());
  clearInterval(counting);
  expect(count).toEqual({ recovered: FILES, damaged: 0, lost: 0, failed: 0 });
  expect(turns).toBeGreaterThan(FILES / 4);
  expect(chainFaults(links())).toEqual([]);
});
