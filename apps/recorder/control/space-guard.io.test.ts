import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Recording } from "#shared/api/recording.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { BufferSpace } from "../call-buffer/buffer-space.ts";
import { openCallBuffer } from "../call-buffer/call-buffer.ts";
import { KeepingClock } from "../call-buffer/keeping-clock.ts";
import { CaptureCoordinator } from "../capture/coordinator.ts";
import { FakeMedia } from "../capture/testing/fake-media.ts";
import { playCapture, readChromiumCapture } from "../media/testing/rtp-fixture.ts";
import type { TrackWriterOptions } from "../capture/ports.ts";
import { SegmentDisk } from "../scn/segment-disk.ts";
import { probeSegment } from "../scn/testing/probe.ts";
import { createTrackWriter } from "../scn/track-writer.ts";
import { eventually } from "../testing/eventually.ts";
import { mountSmallDisk, type SmallDisk } from "../testing/small-disk.ts";
import { AckedRetention } from "./acked-retention.ts";
import { RecordingControl } from "./recording-control.ts";
import { SpaceGuard } from "./space-guard.ts";

const MIB = 1_048_576;
const clock = new WallClock();
const [key] = playCapture(readChromiumCapture()).frames;

/** Everything of a recorder that writes to the disk, on a small one, with a desktop that sends a picture every 100 ms. */
async function openSite(disk: SmallDisk, reserveMb: number) {
  const log = silentLog();
  await using opening = new AsyncDisposableStack();
  const buffer = opening.use(await openCallBuffer(disk.folder));
  const { lifecycle, policy } = loadConfig(undefined, {}, disk.folder).recorder;
  const meter = opening.use(new BufferSpace(disk.folder, true));
  const keeping = new KeepingClock(clock, buffer.clockShift);
  const retention = opening.use(new AckedRetention({ keepHours: 72, buffer, clock, keeping, log }));
  const limits = { reserveBytes: reserveMb * MIB, quotaBytes: null };
  const eraseDue = () => retention.eraseDue();
  const guard = opening.use(new SpaceGuard({ folder: disk.folder, meter, limits, eraseDue, log }));
  const faults: string[] = [];
  const segmentDisk = new SegmentDisk();
  const media = new FakeMedia(() => clock.steady());
  const coordinator = opening.use(
    new CaptureCoordinator({
      ...{ media, log },
      policy: { framesPerSecond: 5, maxBitrateKbps: 1_200, codecs: ["vp9"], monitors: "all" },
      store: {
        ...{ catalogue: buffer.capture, bufferDir: disk.folder, segmentS: 0.5, clock },
        createTrackWriter: (options) => {
          const onFault: TrackWriterOptions["onFault"] = (error, reason) => {
            faults.push(reason);
            options.onFault(error, reason);
          };
          return createTrackWriter(guard.watch({ ...options, onFault }), segmentDisk);
        },
      },
    }),
  );
  await guard.start(coordinator);
  const options = { buffer, capture: coordinator, clock, log, lifecycle, policy, lookUpEvidence: null };
  const control = opening.use(new RecordingControl(options));
  const desktop = coordinator
    .agent("ann")
    .desktop({ agent: "ann", device: "PC-1", osUser: "ann", appVersion: "0.1.0" });
  const done = () => Promise.resolve();
  const display = { id: "1", width: 640, height: 360, scale: 1, primary: true };
  await desktop.connect(
    { start: done, stop: done, setPolicy: done, dismiss() {} },
    { displays: [display], appVersion: "0.1.0", heldTransportId: null },
  );
  const timer = setInterval(() => {
    if (key === undefined) return;
    const arrivedAt = clock.steady();
    for (const stream of media.streams.filter((one) => !one.isClosed)) {
      stream.lastSignAt = arrivedAt;
      for (const sink of stream.sinks) sink.push({ ...key, rtpTicks: arrivedAt * 90, arrivedAt });
    }
  }, 100);
  opening.defer(() => clearInterval(timer));
  let count = 0;
  const owned = opening.move();
  onTestFinished(() => owned.disposeAsync());
  return {
    buffer,
    guard,
    /** Why files could not be written, so often as it happened. */
    faults,
    async happens(type: "connected" | "agent-available", callSessionId: string): Promise<void> {
      const event = { id: `e${(count += 1)}`, type, at: clock.now(), agent: "ann", callSessionId };
      await control.takeEvents(() => [{ event, raw: "{}" }], clock.now());
    },
    /** A stream that the desktop sends while a recording is open. */
    async send(): Promise<void> {
      const { transportId } = await desktop.createTransport();
      await desktop.produce(transportId, display, {});
    },
    recordingOf(callSessionId: string): Recording {
      const { items } = buffer.recordings.list({ callSessionId }, 1, null);
      if (items[0] === undefined) throw new Error(`${callSessionId} has no recording`);
      return items[0];
    },
  };
}

const segmentsOf = ({ id, tracks }: Recording) =>
  tracks.flatMap((track) =>
    track.segments.map((segment) => ({ ...segment, path: join(id, track.id, `${segment.id}.scn`) })),
  );

/** The paths of segments whose file is not what the catalogue says. */
async function damaged(folder: string, recording: Recording): Promise<string[]> {
  const found: string[] = [];
  for (const { path, sha256 } of segmentsOf(recording)) {
    const hash = createHash("sha256").update(await readFile(join(folder, path)).catch(() => ""));
    if (hash.digest("hex") !== sha256) found.push(path);
  }
  return found;
}

const states = ({ tracks }: Recording) =>
  tracks[0]?.coverage.map(({ state, reason }) => reason ?? state) ?? [];

/** Does nothing more where no file system may be mounted: space-guard.test.ts has the guard's part of it. */
async function onSmallDisk(type: "tmpfs" | "ext4", test: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = await mountSmallDisk(32, type);
  if (disk === null) return;
  onTestFinished(() => disk[Symbol.asyncDispose]());
  await test(disk);
}

describe("a disk that fills up", () => {
  test("stops captures at the reserve with their segments whole, and they go on when there is room", () =>
    onSmallDisk("tmpfs", async (disk) => {
      const site = await openSite(disk, 8);
      await site.happens("connected", "s1");
      await site.send();
      await eventually(() => expect(segmentsOf(site.recordingOf("s1")).length).toBeGreaterThan(1));
      await disk.fill(26 * MIB);
      await eventually(() => expect(site.guard.shortage?.kind).toBe("reserve"));
      // It is free for what matters: events are taken, and recordings exist.
      await site.happens("connected", "s2");
      await eventually(() => expect(states(site.recordingOf("s1")).at(-1)).toBe("disk-full"));
      const atHold = await eventually(async () => {
        const recording = site.recordingOf("s1");
        const files = (await readdir(join(disk.folder, recording.id, "1"))).toSorted();
        expect(files).toEqual(segmentsOf(recording).map(({ id }) => `${id}.scn`));
        return recording;
      });
      expect(await damaged(disk.folder, atHold)).toEqual([]);
      expect(site.recordingOf("s2").tracks).toEqual([]);

      await disk.empty();
      await eventually(() => expect(site.guard.shortage).toBeNull());
      await eventually(() => expect(segmentsOf(site.recordingOf("s2")).length).toBeGreaterThan(1));
      for (const session of ["s1", "s2"]) await site.happens("agent-available", session);
      await eventually(() => expect(site.recordingOf("s2").phase).toBe("sealed"));
      await eventually(() => expect(site.recordingOf("s1").phase).toBe("sealed"));
      const [first, second] = [site.recordingOf("s1"), site.recordingOf("s2")];
      expect(segmentsOf(first).length).toBeGreaterThan(segmentsOf(atHold).length);
      expect(states(first).filter((state) => state !== "late-start")).toEqual([
        "captured",
        "disk-full",
        "captured",
      ]);
      expect(states(second)).toEqual(["disk-full", "captured"]);
      expect([...(await damaged(disk.folder, first)), ...(await damaged(disk.folder, second))]).toEqual([]);
    }));

  test.each(["tmpfs", "ext4"] as const)(
    "to the last byte (%s) costs what comes meanwhile and nothing else, and all goes on by itself",
    (type) =>
      onSmallDisk(type, async (disk) => {
        const site = await openSite(disk, 0);
        await site.happens("connected", "s1");
        await site.send();
        await eventually(() => expect(segmentsOf(site.recordingOf("s1")).length).toBeGreaterThan(1));
        await disk.fill();
        // What was let go between two chunks goes too.
        await eventually(async () => {
          await disk.fill();
          await expect(site.happens("connected", "s2")).rejects.toThrow(/full|space|I\/O/i);
        });
        await eventually(() => expect(site.faults).toContain("disk-full"));
        const atFull = site.recordingOf("s1");
        expect(await damaged(disk.folder, atFull)).toEqual([]);
        await disk.empty();
        await eventually(() => site.happens("connected", "s3"));
        await eventually(() => expect(segmentsOf(site.recordingOf("s3")).length).toBeGreaterThan(1));
        // Each recording goes on at its own next key frame, on a busy machine long after the other.
        await eventually(() =>
          expect(segmentsOf(site.recordingOf("s1")).length).toBeGreaterThan(segmentsOf(atFull).length),
        );
        for (const session of ["s1", "s3"]) await site.happens("agent-available", session);
        await eventually(() => expect(site.recordingOf("s1").phase).toBe("sealed"));
        const sealed = site.recordingOf("s1");
        expect(states(sealed)).toContain("disk-full");
        expect(await damaged(disk.folder, sealed)).toEqual([]);
        for (const { path, frames } of [...segmentsOf(sealed).slice(0, 2), ...segmentsOf(sealed).slice(-2)]) {
          expect(await probeSegment(join(disk.folder, path))).toMatchObject({ frames, errors: "" });
        }
      }),
  );
});

describe("the call buffer's space", () => {
  test("is what the file system has free, and the size of all files with what was added since", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deskreel-buffer-space-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "R1", "1"), { recursive: true });
    await writeFile(join(folder, "R1", "1", "000001.scn"), Buffer.alloc(5_000));
    await writeFile(join(folder, "catalog.db"), Buffer.alloc(700));
    using space = new BufferSpace(folder, true);
    expect((await space.read()).bufferBytes).toBe(5_700);
    space.add(300);
    expect((await space.read()).bufferBytes).toBe(6_000);
    await rm(join(folder, "R1"), { recursive: true });
    space.invalidate();
    expect((await space.read()).bufferBytes).toBe(700);
    const said = (await run("df", ["-B1", "--output=avail", folder])).toString();
    const { freeBytes } = await space.read();
    // Others write too.
    expect(freeBytes / Number(said.split("\n")[1])).toBeCloseTo(1, 2);
  });

  test("has no size where there is no quota, and cannot be told of a folder that is not there", async () => {
    using space = new BufferSpace(tmpdir(), false);
    expect((await space.read()).bufferBytes).toBeNull();
    using gone = new BufferSpace(join(tmpdir(), "deskreel-buffer-not-there"), false);
    await expect(gone.read()).rejects.toThrow("ENOENT");
  });
});
