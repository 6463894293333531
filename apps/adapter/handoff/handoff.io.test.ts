import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Recording } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { FakeRecorder, RECORDER_TOKEN } from "../rig/fake-recorder.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { openDatabase } from "../store/database.ts";
import { RecordingStore } from "../store/recording-store.ts";
import { RecorderClient } from "./recorder-client.ts";
import { takeOverRecording } from "./take-over-recording.ts";

const BYTES = Buffer.alloc(200_000, "segment ");
const RECORDING = madeRecording({ id: "01ANN", callSessionId: "a1c2" }, [
  madeSegment("000001", Date.UTC(2026, 2, 2), 60_000, BYTES),
]);

/** A fake recorder and an empty store; `takeOver` does one lease. */
async function openSeam() {
  await using opened = new AsyncDisposableStack();
  const { path: dataDir } = opened.use(await scratchFolder());
  const recorder = opened.use(await FakeRecorder.listen());
  const recordings = new RecordingStore(opened.use(openDatabase(":memory:")));
  const client = new RecorderClient(recorder.url, RECORDER_TOKEN);
  const changed: string[] = [];
  const { signal } = new AbortController();
  const takeOver = async () => {
    const leases = await client.lease({ adapter: "test", waitMs: 0 }, signal);
    const onChange = (id: string) => void changed.push(id);
    const to = { client, recordings, dataDir, clock: new WallClock(), log: silentLog(), signal, onChange };
    for (const lease of leases) await takeOverRecording(lease, to);
    return leases.length;
  };
  const owned = opened.move();
  const files = () => readdir(dataDir, { recursive: true });
  return {
    recorder,
    recordings,
    dataDir,
    changed,
    takeOver,
    files,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function offer(recorder: FakeRecorder, recording: Recording, bytes = BYTES): void {
  recorder.offer(recording, new Map([["1/000001", bytes]]));
}

test("a recording is copied, recorded, then acknowledged with its revision", async () => {
  await using seam = await openSeam();
  offer(seam.recorder, RECORDING);
  expect(await seam.takeOver()).toBe(1);
  expect(seam.recorder.acks).toEqual([{ recordingId: "01ANN", revision: 1 }]);
  expect(await readFile(join(seam.dataDir, "sources/01ANN/1/000001.scn"))).toEqual(BYTES);
  expect(seam.recordings.listOf("a1c2")).toMatchObject([{ recording: RECORDING, handedOff: true }]);
  expect(seam.changed).toEqual(["a1c2"]);
});

test("a copy that broke off goes on where it was", async () => {
  await using seam = await openSeam();
  seam.recorder.cutAfter.push(70_000);
  offer(seam.recorder, RECORDING);
  await seam.takeOver();
  const [first, second] = seam.recorder.ranges;
  expect(seam.recorder.ranges).toHaveLength(2);
  expect(first).toBeNull();
  expect(second).toMatch(/^bytes=[1-9]\d*-$/);
  expect(await readFile(join(seam.dataDir, "sources/01ANN/1/000001.scn"))).toEqual(BYTES);
  expect(seam.recorder.acks).toHaveLength(1);
});

test("a segment that is not what was announced is refused with the reason, and nothing of it stays", async () => {
  await using seam = await openSeam();
  offer(seam.recorder, RECORDING, Buffer.alloc(BYTES.length, "something else "));
  await seam.takeOver();
  expect(seam.recorder.acks).toEqual([]);
  expect(seam.recorder.nacks).toMatchObject([
    { recordingId: "01ANN", reason: expect.stringContaining("sha256 is") },
  ]);
  expect((await seam.files()).filter((name) => name.includes("000001"))).toEqual([]);
  // Known and waited for, but not to be archived.
  expect(seam.recordings.listOf("a1c2")).toMatchObject([{ handedOff: false }]);
});

test("a segment that its recorder does not give is tried again, then refused with the reason", async () => {
  await using seam = await openSeam();
  seam.recorder.offer(RECORDING, new Map());
  await seam.takeOver();
  expect(seam.recorder.acks).toEqual([]);
  expect(seam.recorder.nacks).toMatchObject([
    { recordingId: "01ANN", reason: expect.stringContaining("answered 404") },
  ]);
});

test("a recording that its recorder discarded is dropped with what was copied of it", async () => {
  await using seam = await openSeam();
  offer(seam.recorder, RECORDING);
  seam.recorder.discard("01ANN");
  await seam.takeOver();
  expect(seam.recordings.listOf("a1c2")).toEqual([]);
  expect((await seam.files()).filter((name) => name.includes("01ANN"))).toEqual([]);
  expect([seam.recorder.acks, seam.recorder.nacks]).toEqual([[], []]);
});

test("a recording that is offered again is not copied again", async () => {
  await using seam = await openSeam();
  for (const revision of [1, 1, 2]) {
    offer(seam.recorder, { ...RECORDING, revision });
    await seam.takeOver();
  }
  expect(seam.recorder.ranges).toEqual([null]);
  expect(seam.recorder.acks.map(({ revision }) => revision)).toEqual([1, 1, 2]);
  expect(seam.recordings.listOf("a1c2")).toMatchObject([
    { recording: { revision: 2 }, isWhole: true, handedOff: true },
  ]);
});

test("a revision from after its recorder erased the files keeps the segments that are here", async () => {
  await using seam = await openSeam();
  offer(seam.recorder, RECORDING);
  await seam.takeOver();
  const tracks = RECORDING.tracks.map((track) => ({ ...track, segments: [] }));
  const erased = { ...RECORDING, tracks, revision: 2, note: "files-erased" };
  seam.recorder.offer(erased, new Map());
  await seam.takeOver();
  expect(seam.recordings.listOf("a1c2")).toMatchObject([
    { recording: { revision: 2, tracks: RECORDING.tracks }, handedOff: true },
  ]);
  await rm(join(seam.dataDir, "sources/01ANN"), { recursive: true });
  seam.recorder.offer({ ...erased, revision: 3 }, new Map());
  await seam.takeOver();
  expect(seam.recordings.listOf("a1c2")).toMatchObject([
    { recording: { revision: 3, tracks }, handedOff: true },
  ]);
  expect(seam.recorder.acks.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  expect(seam.recorder.nacks).toEqual([]);
});

test("a revision whose recorder has lost files keeps those that are here, in their order among the others", async () => {
  await using seam = await openSeam();
  offer(seam.recorder, RECORDING);
  await seam.takeOver();
  const [first] = RECORDING.tracks.flatMap(({ segments }) => segments);
  if (first === undefined) throw new Error("the recording has no segment");
  const late = { ...first, id: "000002" };
  const withSegments = (...segments: (typeof first)[]) =>
    RECORDING.tracks.map((track) => ({ ...track, segments }));
  // The first one's file is lost, the second one came late.
  const revised = { ...RECORDING, tracks: withSegments(late), revision: 2, note: "segments-lost" };
  seam.recorder.offer(revised, new Map([["1/000002", BYTES]]));
  await seam.takeOver();
  expect(seam.recordings.listOf("a1c2")).toMatchObject([
    { recording: { revision: 2, tracks: withSegments(first, late) }, handedOff: true },
  ]);
  expect([seam.recorder.acks.length, seam.recorder.nacks]).toEqual([2, []]);
});

test.each(["../../etc", "a/b", "", ".hidden"])("the id %j cannot become the name of a file", async (id) => {
  await using seam = await openSeam();
  offer(seam.recorder, { ...RECORDING, tracks: RECORDING.tracks.map((track) => ({ ...track, id })) });
  await seam.takeOver();
  expect(seam.recorder.nacks).toMatchObject([
    { reason: expect.stringContaining("cannot be the name of a file") },
  ]);
  expect(await seam.files()).toEqual([]);
});

test("a wrong token says so", async () => {
  await using seam = await openSeam();
  const client = new RecorderClient(seam.recorder.url, "wrong-token-wrong-token");
  const lease = client.lease({ adapter: "test" }, new AbortController().signal);
  await expect(lease).rejects.toMatchObject({
    code: "HANDOFF_REFUSED",
    message: expect.stringContaining("answered 401"),
  });
});
