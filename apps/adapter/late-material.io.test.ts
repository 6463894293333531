import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { Recording } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { startDynamics } from "../../e2e/dynamics/simulator.ts";
import { decodeFaults, probeMedia } from "../../e2e/media/probe.ts";
import { FolderStorage } from "./archive/storage/folder-storage.ts";
import { verifyArchive } from "./archive/verify-archive.ts";
import { FakeRecorder } from "./rig/fake-recorder.ts";
import { makeScreen, makeSound } from "./rig/made-media.ts";
import { madeRecording, madeSegment } from "./rig/made-recording.ts";
import { scratchFolder, startRig } from "./rig/run-site.ts";
import { openDatabase } from "./store/database.ts";

const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
const SESSION = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
/** Production's `stitch` settings divided by 100. */
const PRODUCTION_BY_100 = { readyAfterS: 1.2, audioSettleS: 0.6, audioTimeoutS: 864 };

const nobody = { onFault: () => {}, onUnfinished: () => {}, onProgress: () => {} };

interface OneCall {
  recording: Recording;
  bytes: ReadonlyMap<string, Buffer>;
  /** A second of sound that begins at an offset into the call. */
  sound: (offsetMs: number) => Promise<[{ format: "wav"; bytes: Buffer }, object]>;
}

/** A call of two seconds at one agent. */
async function makeCall(folder: string): Promise<OneCall> {
  const screen = await makeScreen(folder, 2_000, [1_000]);
  const recording = madeRecording({ id: "01ANN", callSessionId: SESSION }, [
    madeSegment("000001", RING, 2_000, screen),
  ]);
  return {
    recording,
    bytes: new Map([["1/000001", screen]]),
    async sound(offsetMs) {
      const bytes = await makeSound(folder, "wav", 1_000, [100 + offsetMs / 10]);
      return [{ format: "wav", bytes }, { chunkStartTime: formatInstant(RING + offsetMs) }];
    },
  };
}

const closedCall = { startedAt: RING, closedAt: RING + 2_000 };

const sourceIds = (manifest: Manifest) => manifest.audio?.parts.map(({ offsetMs }) => offsetMs) ?? [];

test("a second audio part that comes after the archiving makes version 2, and version 1 stays as it was", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  dynamics.tables.addRecording(SESSION, ...(await call.sound(0)));
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], dynamics, stitch: PRODUCTION_BY_100 });

  const first = await rig.interaction(SESSION);
  expect([first.version, sourceIds(first)]).toEqual([1, [0]]);
  dynamics.tables.addRecording(SESSION, ...(await call.sound(1_200)));
  const second = await rig.interaction(SESSION, ({ version }) => version > 1);
  expect([second.version, sourceIds(second), second.durationMs]).toEqual([2, [0, 1_200], 2_200]);

  const folder = join(rig.adapter.archiveRoot, "2026/03/02", SESSION);
  expect(await readdir(folder)).toEqual(["v1", "v2"]);
  expect(await verifyArchive(new FolderStorage(rig.adapter.archiveRoot), nobody)).toMatchObject({
    versions: 2,
    faults: 0,
  });
});

test("two parts that come within the settling time make one version", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  const [firstSound, secondSound] = [await call.sound(0), await call.sound(1_200)];
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], dynamics, stitch: { audioSettleS: 3 } });
  dynamics.tables.addRecording(SESSION, ...firstSound);
  await sleep(1_000);
  dynamics.tables.addRecording(SESSION, ...secondSound);
  const manifest = await rig.interaction(SESSION);
  expect([manifest.version, sourceIds(manifest)]).toEqual([1, [0, 1_200]]);
});

test("a row without file is waited for, and its file is taken when it comes", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  const rowId = dynamics.tables.addRecordingRow(SESSION);
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], dynamics });
  await sleep(1_000);
  expect(await readdir(rig.adapter.archiveRoot)).not.toContain("2026");
  dynamics.tables.attachRecording(rowId, ...(await call.sound(500)));
  const manifest = await rig.interaction(SESSION);
  expect(manifest.audio?.parts).toMatchObject([{ sourceId: rowId, offsetMs: 500, durationMs: 1_000 }]);
});

test("a corrupt audio file is reported once and not fetched again; its call goes on without it", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  const nonsense = Buffer.from("ID3\u0004".padEnd(4_000, "not music "));
  const rowId = dynamics.tables.addRecording(SESSION, { format: "mp3", bytes: nonsense });
  dynamics.tables.addRecording(SESSION, ...(await call.sound(500)));
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], dynamics });

  const manifest = await rig.interaction(SESSION);
  expect(sourceIds(manifest)).toEqual([500]);
  const kept = await readdir(join(rig.folder, "data/adapter/sources/audio"));
  expect(kept.filter((name) => /^[\w-]+\.unusable$/.test(name))).toHaveLength(1);
  expect(await rig.problems()).toEqual(["1 audio part(s) cannot be used, see the log"]);
  const downloads = () => dynamics.requests.all().filter(({ url }) => url.includes("GetFileSasUrl")).length;
  const soFar = downloads();
  await sleep(1_000);
  expect(downloads()).toBe(soFar);

  dynamics.tables.attachRecording(rowId, ...(await call.sound(0)));
  const mended = await rig.interaction(SESSION, ({ version }) => version > 1);
  expect(sourceIds(mended)).toEqual([0, 500]);
  expect(await rig.problems()).toEqual([]);
});

test("without Dynamics a recording is archived without sound some time after it came", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const call = await makeCall(scratch.path);
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url] });
  const manifest = await rig.interaction(SESSION);
  expect(manifest).toMatchObject({ version: 1, audio: null, screens: [{ durationMs: 2_000 }] });
  const pictures = ["poster.jpg", "thumbnails-1-1.jpg", "pictures.json", "thumbnails.json"];
  expect(manifest.files.map(({ name }) => name)).toEqual(["screen-1.mp4", ...pictures]);
});

test("the last picture of a screen that stands still lasts until its track ends, also without sound", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const { recording, bytes } = await makeCall(scratch.path);
  const [track] = recording.tracks;
  if (track === undefined) throw new Error("there is a track");
  const still = madeSegment("000001", RING, 90_000, bytes.get("1/000001"));
  recorder.offer({ ...recording, tracks: [{ ...track, segments: [still] }] }, bytes);
  await using rig = await startRig({ recorders: [recorder.url] });
  const { screens } = await rig.interaction(SESSION);
  expect(screens).toMatchObject([{ durationMs: 90_000 }]);
  const folder = join(rig.adapter.archiveRoot, "2026/03/02", SESSION, "v1");
  expect(await probeMedia(join(folder, "screen-1.mp4"))).toMatchObject({ durationMs: 90_000, audio: null });
  expect(await decodeFaults(join(folder, "screen-1.mp4"))).toBe("");
});

test("a later revision of a recording makes the next version, with what it adds", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const call = await makeCall(scratch.path);
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url] });
  await rig.interaction(SESSION);
  const late = { id: "late", type: "on-hold" as const, at: formatInstant(RING + 700) };
  const revised = { ...call.recording, revision: 2, events: [...call.recording.events, late] };
  recorder.offer(revised, call.bytes);
  const manifest = await rig.interaction(SESSION, ({ version }) => version > 1);
  expect(manifest.events.map(({ type, offsetMs }) => [type, offsetMs])).toEqual([
    ["ringing", 0],
    ["on-hold", 700],
    ["agent-available", 2_000],
  ]);
  // The segment was there already.
  expect(recorder.ranges).toEqual([null]);
});

test("when a revision cannot be copied, the next version has that screen as the revision before gave it", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  dynamics.tables.addRecording(SESSION, ...(await call.sound(0)));
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({
    ...{ recorders: [recorder.url], dynamics },
    stitch: { ...PRODUCTION_BY_100, audioTimeoutS: 4 },
  });
  await rig.interaction(SESSION);
  const [track] = call.recording.tracks;
  if (track === undefined) throw new Error("there is a track");
  const never = madeSegment("000002", RING + 2_000, 2_000, Buffer.from("not there"));
  const tracks = [{ ...track, segments: [...track.segments, never] }];
  recorder.offer({ ...call.recording, revision: 2, tracks }, call.bytes);
  await expect.poll(() => recorder.nacks.length, { timeout: 20_000 }).toBeGreaterThan(0);
  dynamics.tables.addRecording(SESSION, ...(await call.sound(1_200)));
  const second = await rig.interaction(SESSION, ({ version }) => version > 1);
  expect([second.version, sourceIds(second)]).toEqual([2, [0, 1_200]]);
  expect(second.screens).toMatchObject([{ recordingId: "01ANN", durationMs: 2_000 }]);
});

test("an adapter that died at any point archives once: what is finished is found, what is not is made anew", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const call = await makeCall(scratch.path);
  const folder = scratch.path;
  const start = () => startRig({ folder, recorders: [recorder.url] });
  // Died while stitching: a version folder without manifest.
  const version = join(folder, "data/archive/2026/03/02", SESSION, "v1");
  await mkdir(version, { recursive: true });
  await writeFile(join(version, "screen-1.mp4"), "half a file");
  const halfMix = join(folder, "data/adapter/scratch", `${SESSION}-died`);
  await mkdir(halfMix, { recursive: true });
  await writeFile(join(halfMix, "mix.wav"), "half a mix");
  recorder.offer(call.recording, call.bytes);
  let first: Manifest;
  {
    await using rig = await start();
    first = await rig.interaction(SESSION);
  }
  // Died between the manifest and the database.
  {
    using database = openDatabase(join(folder, "data/adapter/adapter.db"));
    database.exec("UPDATE jobs SET version = 0, plan_hash = NULL, settled = 0; DELETE FROM catalogue");
  }
  {
    await using rig = await start();
    expect(await rig.interaction(SESSION)).toEqual(first);
  }
  // Died after everything was done.
  await using rig = await start();
  await sleep(500);
  expect(await rig.interaction(SESSION)).toEqual(first);
  expect(await readdir(join(version, ".."))).toEqual(["v1"]);
  expect(await readdir(join(folder, "data/adapter/scratch"))).toEqual([]);
});

test("a version that cannot be made is tried again and shows until it is made", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const call = await makeCall(scratch.path);
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], stitch: { readyAfterS: 1.5 } });
  const source = join(rig.folder, "data/adapter/sources/01ANN/1/000001.scn");
  await expect.poll(() => recorder.acks.length).toBe(1);
  await rm(source);
  await expect
    .poll(() => rig.problems(), { timeout: 10_000 })
    .toEqual(["1 interaction(s) could not be archived yet, see the log"]);
  await writeFile(source, call.bytes.get("1/000001") ?? "");
  expect(await rig.interaction(SESSION)).toMatchObject({ version: 1 });
  expect(await rig.problems()).toEqual([]);
});

test("a screen is not archived without a segment that is gone, be it one in the middle", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const { recording, bytes } = await makeCall(scratch.path);
  const picture = bytes.get("1/000001") ?? Buffer.alloc(0);
  const ids = ["000001", "000002", "000003"];
  const [track] = recording.tracks;
  if (track === undefined) throw new Error("there is a track");
  const segments = ids.map((id, index) => madeSegment(id, RING + index * 2_000, 2_000, picture));
  recorder.offer(
    { ...recording, tracks: [{ ...track, segments }] },
    new Map(ids.map((id) => [`1/${id}`, picture])),
  );
  await using rig = await startRig({ recorders: [recorder.url], stitch: { readyAfterS: 1.5 } });
  await expect.poll(() => recorder.acks.length).toBe(1);
  await rm(join(rig.folder, "data/adapter/sources/01ANN/1/000002.scn"));
  await expect
    .poll(() => rig.problems(), { timeout: 10_000 })
    .toEqual(["1 interaction(s) could not be archived yet, see the log"]);
});

test("a file that Dynamics lists and does not give shows until it comes", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const webApi = [{ fault: "forbidden" as const, path: "msdyn_recording/$value" }];
  const faults = { links: false, webApi: [...webApi, { fault: "forbidden" as const, path: "FileBlocks" }] };
  await using dynamics = await startDynamics({ log: silentLog(), faults });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  dynamics.tables.addRecording(SESSION, ...(await call.sound(0)));
  recorder.offer(call.recording, call.bytes);
  await using rig = await startRig({ recorders: [recorder.url], dynamics });
  await expect
    .poll(() => rig.problems(), { timeout: 10_000 })
    .toEqual(["1 audio part(s) could not be fetched yet, see the log"]);
  dynamics.faults.clear();
  expect(sourceIds(await rig.interaction(SESSION))).toEqual([0]);
  expect(await rig.problems()).toEqual([]);
});

test("an adapter that ended in the middle of a download goes on with it when it starts again", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  const faults = { blob: [{ fault: "stalled" as const, afterBytes: 20_000, next: 1 }] };
  await using dynamics = await startDynamics({ log: silentLog(), faults });
  const call = await makeCall(scratch.path);
  dynamics.tables.addConversation(closedCall, { activityid: SESSION });
  const [sound] = await call.sound(0);
  const sourceId = dynamics.tables.addRecording(SESSION, sound);
  recorder.offer(call.recording, call.bytes);
  const options = { folder: scratch.path, recorders: [recorder.url], dynamics };
  const audio = join(scratch.path, "data/adapter/sources/audio");
  {
    await using _rig = await startRig(options);
    await expect
      .poll(async () => (await readFile(join(audio, `${sourceId}.part`)).catch(() => "")).length)
      .toBe(20_000);
  }
  await using rig = await startRig(options);
  expect(sourceIds(await rig.interaction(SESSION))).toHaveLength(1);
  const blobs = dynamics.requests.all().filter(({ url }) => url.startsWith("/blob"));
  expect(blobs.map(({ range }) => range)).toEqual([null, "bytes=20000-"]);
  expect(await readdir(audio)).toEqual([expect.stringMatching(/^[\w-]+\.wav$/)]);
});
