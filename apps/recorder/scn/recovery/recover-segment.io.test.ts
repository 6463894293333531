import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { playCapture, readChromiumCapture } from "../../media/testing/rtp-fixture.ts";
import { mountSmallDisk } from "../../testing/small-disk.ts";
import { MADE_AT, makeSegment } from "../testing/made-segment.ts";
import { probeSegment } from "../testing/probe.ts";
import { recoverSegment, type RecoveredSegment, type RecoveryFailure } from "./recover-segment.ts";

const { frames } = playCapture(readChromiumCapture());
/** 51 frames at 10 per second; key frames are 0 and 36. */
const OPEN = makeSegment(frames.slice(0, 51), "open");
const SEALED = makeSegment(frames.slice(0, 51), "sealed");
const ORIGIN = {
  recordingId: "01JREC",
  trackId: "1",
  segmentId: "000001",
  codec: "vp9" as const,
  // As the catalogue has it: the monitor's.
  width: 1_920,
  height: 1_080,
};

interface Outcome {
  segment: RecoveredSegment | RecoveryFailure;
  folder: string;
  path: string;
  files: string[];
  bytes: Buffer;
}

/** Recovers a file with these bytes in a folder of its own. */
async function recover(
  content: Uint8Array,
  { name = "000001.scn.part", modifiedAt = MADE_AT + 5_000 } = {},
  look: (outcome: Outcome) => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-scn-recovery-"));
  try {
    await writeFile(join(folder, name), content);
    await utimes(join(folder, name), modifiedAt / 1_000, modifiedAt / 1_000);
    return await recoverIn(folder, name, look);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function recoverIn(
  folder: string,
  name: string,
  look: (outcome: Outcome) => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  const path = join(folder, "000001.scn");
  const segment = await recoverSegment(path, join(folder, name), ORIGIN);
  const files = (await readdir(folder)).toSorted((a, b) => a.localeCompare(b));
  const bytes = typeof segment === "string" ? Buffer.alloc(0) : await readFile(path);
  const outcome = { segment, folder, path, files, bytes };
  if (typeof segment !== "string") {
    expect(segment.bytes).toBe(bytes.byteLength);
    expect(segment.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    const { frames: count, width, height, durationMs, holes } = segment;
    const probe = await probeSegment(path);
    expect(probe).toMatchObject({ width, height, durationMs });
    // Within a hole a decoder may refuse what it lacks the pictures before of.
    if (holes.length === 0) expect(probe.frames).toBe(count);
    else expect(probe.frames).toBeGreaterThan(0);
  }
  await look(outcome);
  return outcome;
}

const clusterAt = (index: number) =>
  OPEN.headerBytes + OPEN.clusters.slice(0, index).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

test("what a kill leaves becomes the segment that its writer would have sealed, without the torn cluster", async () => {
  const torn = OPEN.bytes.subarray(0, OPEN.bytes.byteLength - 20);
  await recover(torn, {}, async ({ segment, files, path, folder }) => {
    expect(segment).toMatchObject({
      how: "in-place",
      startedAt: MADE_AT,
      frames: 46,
      durationMs: 4_600,
      holes: [],
    });
    expect(files).toEqual(["000001.scn"]);
    expect((await probeSegment(path)).errors).toBe("");
    // A second start that finds no row finds nothing to do either.
    const again = await recoverIn(folder, "000001.scn");
    expect(again.segment).toEqual({ ...(segment as RecoveredSegment), how: "none" });
  });
});

test("a whole open file becomes exactly what its writer would have sealed", async () => {
  const { segment, bytes } = await recover(OPEN.bytes);
  expect(segment).toMatchObject({ how: "in-place", frames: 51, durationMs: 5_100 });
  expect(bytes.equals(SEALED.bytes)).toBe(true);
});

test("a recovery that is killed goes on, whatever it had written", async () => {
  const cues = SEALED.bytes.subarray(OPEN.bytes.byteLength);
  const states = [
    Buffer.concat([OPEN.bytes, cues.subarray(0, 9)]),
    Buffer.concat([OPEN.bytes, cues]),
    Buffer.concat([SEALED.bytes.subarray(0, 120), OPEN.bytes.subarray(120), cues]),
    SEALED.bytes,
  ];
  for (const state of states) expect((await recover(state)).bytes.equals(SEALED.bytes)).toBe(true);
});

test("a sealed file that has no row is left as it is", async () => {
  const longer = makeSegment(frames.slice(0, 51), "sealed");
  const { segment, bytes, files } = await recover(longer.bytes, { name: "000001.scn" });
  expect(segment).toMatchObject({ how: "none", startedAt: MADE_AT, frames: 51, durationMs: 5_100 });
  expect(bytes.equals(longer.bytes)).toBe(true);
  expect(files).toEqual(["000001.scn"]);
});

test.each<[string, (file: Buffer) => void, number]>([
  ["is gone but for its end", (file) => file.fill(0, 0, OPEN.headerBytes - 1), MADE_AT + 5_000 - 5_000],
  ["has lost its first sector", (file) => file.fill(0, 0, 64), MADE_AT],
  ["has one digit of its start flipped", (file) => flip(file, file.indexOf(String(MADE_AT)) + 2), MADE_AT],
  ["has another size", (file) => flip(file, file.indexOf("V_VP9") + 11), MADE_AT],
])(
  "a header that %s is made anew from the catalogue and the key frame; the file as it was stays",
  async (_case, damage, startedAt) => {
    const file = Buffer.from(OPEN.bytes);
    damage(file);
    await recover(file, {}, async ({ segment, files, folder, path }) => {
      expect(segment).toMatchObject({
        how: "rewrite",
        startedAt,
        frames: 51,
        width: 640,
        height: 360,
        holes: [],
      });
      expect(files).toEqual(["000001.scn", "000001.scn.damaged"]);
      expect((await readFile(join(folder, "000001.scn.damaged"))).equals(file)).toBe(true);
      expect((await probeSegment(path)).errors).toBe("");
      expect((await recoverIn(folder, "000001.scn")).segment).toMatchObject({ how: "none" });
    });
  },
);

test("damage in the middle costs its cluster, and is a hole until the next key frame", async () => {
  const file = Buffer.from(OPEN.bytes);
  flip(file, clusterAt(1) + 900);
  const { segment, files } = await recover(file);
  expect(segment).toMatchObject({
    how: "rewrite",
    startedAt: MADE_AT,
    frames: 41,
    durationMs: 5_100,
    holes: [{ from: MADE_AT + 1_000, to: MADE_AT + 3_600 }],
  });
  expect(files).toEqual(["000001.scn", "000001.scn.damaged"]);
});

test("without its first key frame a segment begins with the next one", async () => {
  const file = Buffer.from(OPEN.bytes);
  file.fill(0, clusterAt(0), clusterAt(0) + 3_000);
  await recover(file, {}, async ({ segment, path }) => {
    expect(segment).toMatchObject({
      how: "rewrite",
      startedAt: MADE_AT + 3_600,
      frames: 15,
      durationMs: 1_500,
      holes: [{ from: MADE_AT, to: MADE_AT + 3_600 }],
    });
    expect((await probeSegment(path)).errors).toBe("");
  });
});

test("zeros at the end, as a power cut leaves them, are cut off; the file as it was stays", async () => {
  const file = Buffer.concat([OPEN.bytes, Buffer.alloc(8_192)]);
  const { segment, files, bytes } = await recover(file);
  expect(segment).toMatchObject({ how: "rewrite", frames: 51, holes: [] });
  expect(bytes.equals(SEALED.bytes)).toBe(true);
  expect(files).toEqual(["000001.scn", "000001.scn.damaged"]);
});

test("a file without a picture that could be saved is put aside, an empty one is gone", async () => {
  const noKey = Buffer.concat([
    OPEN.bytes.subarray(0, OPEN.headerBytes),
    OPEN.bytes.subarray(clusterAt(1), clusterAt(3)),
  ]);
  expect(await recover(noKey)).toMatchObject({ segment: "damaged", files: ["000001.scn.damaged"] });
  expect(await recover(OPEN.bytes.subarray(0, OPEN.headerBytes))).toMatchObject({
    segment: "empty",
    files: [],
  });
  expect(await recover(Buffer.alloc(0))).toMatchObject({ segment: "empty", files: [] });
});

test("a rewrite that was killed before or after its rename is done again or put right", async () => {
  const file = Buffer.from(OPEN.bytes);
  file.fill(0, 0, 64);
  const folder = await mkdtemp(join(tmpdir(), "deskreel-scn-recovery-"));
  try {
    await writeFile(join(folder, "000001.scn.part"), file);
    await writeFile(join(folder, "000001.scn.damaged"), file);
    await writeFile(join(folder, "000001.scn.draft"), "half of it");
    const { segment, files } = await recoverIn(folder, "000001.scn.part");
    expect(segment).toMatchObject({ how: "rewrite", frames: 51 });
    expect(files).toEqual(["000001.scn", "000001.scn.damaged"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each<[string, (file: Buffer) => void]>([
  ["a damaged file", (file) => file.fill(0, 0, 64)],
  ["a file that only lacks its end", () => {}],
])("on a full disk %s stays what it is, and is a segment once there is room", async (_case, damage) => {
  const disk = await mountSmallDisk(8, "tmpfs");
  // Where no file system may be mounted.
  if (disk === null) return;
  onTestFinished(() => disk[Symbol.asyncDispose]());
  const file = Buffer.from(OPEN.bytes);
  damage(file);
  // To the end of a page, so that nothing more goes into the last one.
  const pages = Buffer.concat([file.subarray(0, file.byteLength - (file.byteLength % 4_096))]);
  await writeFile(join(disk.folder, "000001.scn.part"), pages);
  await disk.fill();
  const outcome = await recoverIn(disk.folder, "000001.scn.part").catch((error: unknown) => error);
  if (outcome instanceof Error) {
    expect(outcome).toMatchObject({ code: "ENOSPC" });
    expect(await readdir(disk.folder)).toEqual(["000001.scn.part"]);
    await disk.empty();
    await recoverIn(disk.folder, "000001.scn.part");
  }
  const files = await readdir(disk.folder);
  expect(files.filter((name) => name !== "000001.scn.damaged")).toEqual(["000001.scn"]);
});

function flip(file: Buffer, at: number): void {
  file[at] = (file[at] ?? 0) ^ 1;
}
