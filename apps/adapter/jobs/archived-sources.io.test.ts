import { mkdir, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Codec, CODECS, type Recording } from "#shared/api/recording.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { startDynamics } from "../../../e2e/dynamics/simulator.ts";
import { readBeeps } from "../../../e2e/media/read-beeps.ts";
import { readMedia } from "../../../e2e/media/read-media.ts";
import { FolderStorage } from "../archive/storage/folder-storage.ts";
import { verifyArchive } from "../archive/verify-archive.ts";
import { reindex } from "../commands.ts";
import { FakeRecorder } from "../rig/fake-recorder.ts";
import { makeScreen, makeSound } from "../rig/made-media.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { type AdapterRig, scratchFolder, startRig } from "../rig/run-site.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";

const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
const SESSION = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
/** Raw material goes a second after its version was made. */
const SOON = { keepSourcesH: 1 / 3_600 };
const NEVER = { keepSourcesH: 72 };

const at = (ms: DurationMs) => formatInstant(RING + ms);

interface MadeCall extends AsyncDisposable {
  folder: string;
  recorder: FakeRecorder;
  dynamics: Awaited<ReturnType<typeof startDynamics>>;
  recording: Recording;
  /** Offers the recording with some of its segments; the revision counts up. */
  offer: (...segments: number[]) => void;
  /** Two seconds of sound that begin at an offset into the call, with a beep at another. */
  addSound: (offsetMs: DurationMs, beepMs: DurationMs) => Promise<string>;
  start: (stitch: Record<string, number>) => Promise<AdapterRig>;
  /** The newest version's folder. */
  version: (manifest: Manifest) => string;
}

/** A call of six seconds at one agent: three segments, a flash in each a second after its beginning. */
async function makeCall(codec: Codec = "vp9"): Promise<MadeCall> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await scratchFolder()).path;
  const recorder = opened.use(await FakeRecorder.listen());
  const dynamics = opened.use(await startDynamics({ log: silentLog() }));
  dynamics.tables.addConversation({ startedAt: RING, closedAt: RING + 6_000 }, { activityid: SESSION });
  const screen = await makeScreen(folder, 2_000, [1_000], { codec });
  const segments = [0, 1, 2].map((index) =>
    madeSegment(`00000${index + 1}`, RING + index * 2_000, 2_000, screen),
  );
  const whole = madeRecording({ id: "01ANN", callSessionId: SESSION }, segments);
  const recording = { ...whole, tracks: whole.tracks.map((track) => ({ ...track, codec })) };
  let revision = 0;
  const owned = opened.move();
  return {
    ...{ folder, recorder, dynamics, recording },
    offer(...indices) {
      revision += 1;
      const chosen = indices.flatMap((index) => segments[index] ?? []);
      const lost = [0, 1, 2].filter((index) => !indices.includes(index));
      const coverage = lost.map((index) => ({
        ...{ from: at(index * 2_000), to: at(index * 2_000 + 2_000) },
        ...({ state: "gap", reason: "connection-lost" } as const),
      }));
      const tracks = recording.tracks.map((track) => ({ ...track, segments: chosen, coverage }));
      const bytes = new Map(chosen.map(({ id }) => [`1/${id}`, screen]));
      recorder.offer({ ...recording, revision, tracks }, bytes);
    },
    async addSound(offsetMs, beepMs) {
      const bytes = await makeSound(folder, "wav", 2_000, [beepMs - offsetMs]);
      const metadata = { chunkStartTime: at(offsetMs) };
      return dynamics.tables.addRecording(SESSION, { format: "wav", bytes }, metadata);
    },
    start: (stitch) => startRig({ folder, recorders: [recorder.url], dynamics, stitch }),
    version: ({ version }) => join(folder, "data/archive/2026/03/02", SESSION, `v${version}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** All files of raw material. */
async function sourcesIn(folder: string): Promise<string[]> {
  const found = await readdir(join(folder, "data/adapter/sources"), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function untilReleased(folder: string): Promise<void> {
  await expect.poll(() => sourcesIn(folder), { timeout: 20_000 }).toEqual([]);
}

/** Each picture's bytes as they were encoded, in short. */
async function picturesOf(path: string): Promise<string[]> {
  const args = ["-v", "error", "-i", path, "-map", "0:v:0", "-c", "copy", "-f", "framemd5", "-"];
  const lines = (await run("ffmpeg", args)).toString().split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").at(-1) ?? "");
}

function expectInstants(instants: readonly number[], expected: readonly number[]): void {
  expect(instants).toHaveLength(expected.length);
  for (const [index, ms] of expected.entries()) expect(Math.abs((instants[index] ?? 0) - ms)).toBeLessThan(5);
}

async function expectSound(call: MadeCall): Promise<void> {
  const found: string[] = [];
  const report = {
    onFault: (place: string, fault: string) => void found.push(`${place} ${fault}`),
    onUnfinished: (place: string, what: string) => void found.push(`${place} ${what}`),
    onProgress: () => {},
  };
  await verifyArchive(new FolderStorage(join(call.folder, "data/archive")), report);
  expect(found).toEqual([]);
}

test.each(CODECS)(
  "sound that comes when the segments in %s are gone is joined with the archived screen",
  async (codec) => {
    await using call = await makeCall(codec);
    // The middle one is lost: a card.
    call.offer(0, 2);
    await call.addSound(0, 1_000);
    await call.addSound(3_000, 3_700);
    await using rig = await call.start(SOON);
    const first = await rig.interaction(SESSION);
    const name = first.screens[0]?.file ?? "";
    await untilReleased(call.folder);
    expect(await readdir(join(call.folder, "data/adapter/sources"))).toEqual(["audio"]);

    await call.addSound(4_000, 5_000);
    const second = await rig.interaction(SESSION, ({ version }) => version > 1);
    expect(second.audio?.parts.map(({ offsetMs }) => offsetMs)).toEqual([0, 3_000, 4_000]);
    expect(second.screens).toEqual(first.screens);
    const picturesIn = ({ files }: Manifest) => files.filter(({ name: file }) => /^poster|^thumb/.test(file));
    expect(picturesIn(first)).toHaveLength(3);
    expect(picturesIn(second)).toEqual(picturesIn(first));
    const [before, after] = [join(call.version(first), name), join(call.version(second), name)];
    expect(await picturesOf(after)).toEqual(await picturesOf(before));
    const { flashes, beeps } = await readMedia(after);
    expectInstants(flashes, [1_000, 5_000]);
    expectInstants(beeps, [1_000, 3_700, 5_000]);
    expectInstants(await readBeeps(join(call.version(second), "audio.m4a")), [1_000, 3_700, 5_000]);
    // The part that came last goes too, and nothing is made once more of what has not changed.
    await untilReleased(call.folder);
    expect((await rig.interaction(SESSION)).version).toBe(2);
    await expectSound(call);
  },
);

test("a segment that comes when the others are gone takes its place between them", async () => {
  await using call = await makeCall();
  call.offer(0, 2);
  await call.addSound(0, 1_000);
  await using rig = await call.start(SOON);
  const first = await rig.interaction(SESSION);
  expect(await picturesOf(join(call.version(first), "screen-1.mp4"))).toHaveLength(101);
  await untilReleased(call.folder);

  call.offer(0, 1, 2);
  const second = await rig.interaction(SESSION, ({ version }) => version > 1);
  // Only the new one is asked for; the others are in the archive.
  expect(call.recorder.ranges).toHaveLength(3);
  const path = join(call.version(second), "screen-1.mp4");
  expect(await picturesOf(path)).toHaveLength(150);
  const { flashes, beeps } = await readMedia(path);
  expectInstants(flashes, [1_000, 3_000, 5_000]);
  expectInstants(beeps, [1_000]);
  expect(second.screens[0]?.durationMs).toBe(6_000);
});

test.each([
  ["reindexed", true],
  ["not even reindexed", false],
])(
  "with its database lost and %s, an adapter makes the next version of all that the archive tells",
  async (_how, isReindexed) => {
    await using call = await makeCall();
    call.offer(0, 1, 2);
    const known = await call.addSound(0, 1_000);
    let first: Manifest;
    let config: AdapterRig["config"];
    {
      await using rig = await call.start(NEVER);
      config = rig.config;
      first = await rig.interaction(SESSION);
    }
    const data = join(call.folder, "data/adapter");
    for (const name of await readdir(data)) {
      if (name === "sources" || name.startsWith("adapter.db"))
        await rm(join(data, name), { recursive: true });
    }
    // The recorder has it acknowledged and does not offer it again; Dynamics has deleted the first sound.
    call.dynamics.tables.delete("msdyn_ocrecordings", known);
    await call.addSound(3_000, 3_500);
    if (isReindexed)
      expect(await reindex({ adapter: config.adapter, log: silentLog(), say: () => {} })).toBe(0);
    // Without the word of the archive a recording is waited for that will not come.
    await using rig = await call.start({ ...NEVER, audioTimeoutS: isReindexed ? 86_400 : 3 });
    const second = await rig.interaction(SESSION, ({ version }) => version > 1);
    expect(second.audio?.parts.map(({ offsetMs }) => offsetMs)).toEqual([0, 3_000]);
    expect(second.audio?.parts[0]).toEqual(first.audio?.parts[0]);
    expect(second).toMatchObject({
      ...{ call: first.call, agents: first.agents, events: first.events, coverage: first.coverage },
      screens: first.screens,
    });
    const path = join(call.version(second), "screen-1.mp4");
    expect(await picturesOf(path)).toEqual(await picturesOf(join(call.version(first), "screen-1.mp4")));
    expectInstants(await readBeeps(path), [1_000, 3_500]);
    await expectSound(call);
  },
);

test("raw material of what is held stays until it is released", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  await call.addSound(0, 1_000);
  await using rig = await call.start({ keepSourcesH: 3 / 3_600 });
  await rig.interaction(SESSION);
  const hold = (method: string) =>
    fetch(`${rig.adapter.url}/v1/interactions/${SESSION}/legal-hold`, {
      method,
      headers: { Authorization: `Bearer ${rig.adapter.tokens.admin}`, "Content-Type": "application/json" },
      body: JSON.stringify({ reason: "court order" }),
    });
  expect((await hold("PUT")).ok).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(await sourcesIn(call.folder)).toHaveLength(4);
  expect((await hold("DELETE")).ok).toBe(true);
  await untilReleased(call.folder);
});

test("raw material of a version that is not whole stays, and a damaged screen makes no version", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  await call.addSound(0, 1_000);
  let first: Manifest;
  {
    await using rig = await call.start(NEVER);
    first = await rig.interaction(SESSION);
  }
  const path = join(call.version(first), "screen-1.mp4");
  const { size: bytes } = await stat(path);
  await truncate(path, bytes - 1);
  {
    await using _rig = await call.start(SOON);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await sourcesIn(call.folder)).toHaveLength(4);
  }
  await truncate(path, bytes);
  await using rig = await call.start(SOON);
  await untilReleased(call.folder);
  await call.addSound(3_000, 3_500);
  await expect
    .poll(() => rig.problems(), { timeout: 20_000 })
    .toEqual(["1 interaction(s) could not be archived yet, see the log"]);
});

test("raw material of a version that would be made otherwise now makes the next one first", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  await call.addSound(0, 1_000);
  {
    await using rig = await call.start(NEVER);
    await rig.interaction(SESSION);
  }
  {
    using database = openDatabase(join(call.folder, "data/adapter/adapter.db"));
    database.exec("UPDATE jobs SET plan_hash = 'by an older Deskreel', settled = 1");
  }
  await using rig = await call.start(SOON);
  expect(await rig.interaction(SESSION, ({ version }) => version > 1)).toMatchObject({ version: 2 });
  await untilReleased(call.folder);
  expect((await rig.interaction(SESSION)).version).toBe(2);
});

test("a row whose later file cannot be used keeps the sound that it had", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  const rowId = await call.addSound(0, 1_000);
  await using rig = await call.start(SOON);
  await rig.interaction(SESSION);
  await untilReleased(call.folder);
  const nonsense = Buffer.from("ID3\u0004".padEnd(4_000, "not music "));
  call.dynamics.tables.attachRecording(rowId, { format: "mp3", bytes: nonsense });
  await expect
    .poll(() => sourcesIn(call.folder), { timeout: 20_000 })
    .toEqual([expect.stringMatching(/\.unusable$/)]);
  await call.addSound(3_000, 3_500);
  const second = await rig.interaction(SESSION, ({ version }) => version > 1);
  expectInstants(await readBeeps(join(call.version(second), "audio.m4a")), [1_000, 3_500]);
  expect(await rig.problems()).toEqual([]);
});

test("a removal that a crash cut short is finished at the next start", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  const sources = join(call.folder, "data/adapter/sources");
  {
    await using rig = await call.start(SOON);
    await call.addSound(0, 1_000);
    await rig.interaction(SESSION);
    await untilReleased(call.folder);
  }
  await mkdir(join(sources, "01ANN/1"), { recursive: true });
  await writeFile(join(sources, "01ANN/1/000002.scn"), "left");
  await writeFile(join(sources, "01ANN/1/000004.scn"), "nobody knows it");
  await using _rig = await call.start(NEVER);
  await expect.poll(() => sourcesIn(call.folder), { timeout: 20_000 }).toEqual(["000004.scn"]);
});

test("what comes of a deleted interaction after its deletion is removed", async () => {
  await using call = await makeCall();
  call.offer(0, 1, 2);
  await using rig = await call.start(SOON);
  await call.addSound(0, 1_000);
  await rig.interaction(SESSION);
  await rig.adapter[Symbol.asyncDispose]();
  {
    using database = openDatabase(join(call.folder, "data/adapter/adapter.db"));
    const deleted = { kind: "deleted", interactionId: SESSION, by: "admin", reason: "asked for" } as const;
    createStores(database).custody.apply({ ...deleted, manifests: [] }, 1, RING);
    await rm(join(call.folder, "data/adapter/sources"), { recursive: true });
  }
  await using again = await call.start(SOON);
  call.offer(0, 1, 2);
  await call.addSound(3_000, 3_500);
  await expect.poll(() => call.recorder.acks.length, { timeout: 20_000 }).toBe(2);
  await untilReleased(call.folder);
  expect(await again.problems()).toEqual([]);
});
