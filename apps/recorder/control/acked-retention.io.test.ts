import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { openCallBuffer } from "../call-buffer/call-buffer.ts";
import { KeepingClock } from "../call-buffer/keeping-clock.ts";
import { eventually } from "../testing/eventually.ts";
import { AckedRetention } from "./acked-retention.ts";
import { RecordingControl } from "./recording-control.ts";

const HOUR_MS: DurationMs = 3_600_000;

let folder: string;
/** The machine's two clocks: time that passes moves both, somebody who sets the clock moves one. */
let hands: { wall: number; steady: number };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-buffer-retention-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  hands = { wall: Date.UTC(2026, 2, 2, 10), steady: 5_000 };
});

function pass(hours: number): void {
  hands.wall += hours * HOUR_MS;
  hands.steady += hours * HOUR_MS;
}

function setClock(hours: number): void {
  hands.wall += hours * HOUR_MS;
}

/** A machine that was restarted counts its steady time anew. */
function reboot(): void {
  hands.steady = 0;
}

/** A recorder's part that takes events, hands off and erases, with `keepAckedH` 72. */
async function openSite() {
  const log = silentLog();
  await using opening = new AsyncDisposableStack();
  const clock = new WallClock({ system: () => hands.wall, monotonic: () => hands.steady });
  const buffer = opening.use(await openCallBuffer(folder));
  const keeping = new KeepingClock(clock, buffer.clockShift);
  const retention = opening.use(new AckedRetention({ keepHours: 72, buffer, clock, keeping, log }));
  const { lifecycle, policy } = loadConfig(undefined, {}, folder).recorder;
  const capture = { start() {}, end: () => Promise.resolve() };
  const parts = { buffer, capture, clock, log, lifecycle, policy, lookUpEvidence: null };
  const control = opening.use(new RecordingControl(parts));
  control.resume();
  let count = 0;
  const happens = async (type: "connected" | "on-hold" | "agent-available", agoMs: DurationMs = 0) => {
    const id = `${hands.wall}-${(count += 1)}`;
    const event = { id, type, at: clock.now() - agoMs, agent: "ann", callSessionId: "s1" };
    await control.takeEvents(() => [{ event, raw: "{}" }], clock.now());
  };
  const recording = () => {
    const [only] = buffer.recordings.list({}, 1, null).items;
    if (only === undefined) throw new Error("there is no recording");
    return only;
  };
  const owned = opening.move();
  const close = () => owned.disposeAsync();
  onTestFinished(close);
  return {
    ...{ buffer, keeping, recording, happens, close },
    /** A recording with one file is sealed. */
    async seal(): Promise<void> {
      await happens("connected");
      const { id } = recording();
      const size = { width: 1, height: 1 };
      const facts = { recordingId: id, desktop: "PC", display: "1", codec: "vp9" as const, ...size };
      buffer.capture.openTrack({ ...facts, openedAt: clock.now() });
      await mkdir(join(folder, id, "1"), { recursive: true });
      await writeFile(join(folder, id, "1", "000001.scn"), "picture");
      const about = { id: "000001", startedAt: clock.now(), durationMs: 60_000, frames: 5, bytes: 7 };
      buffer.capture.addSegment(id, "1", { ...about, ...size, sha256: "0".repeat(64), previousSha256: null });
      pass(1 / 60);
      await happens("agent-available");
      await eventually(() => expect(recording().phase).toBe("sealed"));
    },
    /** An adapter takes what there is. */
    async acknowledge(): Promise<void> {
      const now = clock.now();
      for (const { recordingId, leaseId } of buffer.leases.grant("a1", 10, 60_000, now)) {
        const { revision } = recording();
        const at = { now, ackedAt: keeping.now() };
        const check = await buffer.commit(() => buffer.leases.ack(recordingId, leaseId, revision, at));
        expect(check).toBe("held");
      }
    },
    /** What a look erases. */
    erase: () => retention.eraseDue(),
  };
}

const folders = async () =>
  (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).length;

describe("files that an adapter has acknowledged", () => {
  test("stay for the keeping time, then go; the recording tells that they are gone", async () => {
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    pass(71.9);
    expect([await site.erase(), await folders()]).toEqual([0, 1]);
    pass(0.2);
    expect([await site.erase(), await folders()]).toEqual([1, 0]);
    expect(site.recording()).toMatchObject({ note: "files-erased", coverage: "recorded" });
    expect(site.recording().tracks[0]?.segments).toEqual([]);
    const { id } = site.recording();
    expect(site.buffer.segments.find(id, "1", "000001")).toBe("erased");
  });

  test("stay for ever as long as nobody has acknowledged them", async () => {
    const site = await openSite();
    await site.seal();
    pass(10_000);
    expect([await site.erase(), await folders()]).toEqual([0, 1]);
  });

  test.each([
    ["forward by a week", 168],
    ["back by a week", -168],
    ["forward by an hour", 1],
  ])("stay no shorter and no longer when the clock is set %s", async (_, hours) => {
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    pass(10);
    setClock(hours);
    pass(61.9);
    expect([await site.erase(), await folders()]).toEqual([0, 1]);
    pass(0.2);
    expect([await site.erase(), await folders()]).toEqual([1, 0]);
  });

  test("stay no shorter when the clock was wrong at the acknowledgement and is set right later", async () => {
    setClock(-500_000);
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    setClock(500_000);
    pass(71.9);
    expect([await site.erase(), await folders()]).toEqual([0, 1]);
  });

  test("stay no shorter over a restart after the clock was set, and the time in between counts", async () => {
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    setClock(168);
    expect(await site.erase()).toBe(0);
    await site.close();
    pass(30);
    reboot();
    const again = await openSite();
    pass(41.9);
    expect([await again.erase(), await folders()]).toEqual([0, 1]);
    pass(0.2);
    expect([await again.erase(), await folders()]).toEqual([1, 0]);
  });

  test("are known to be kept by a clock that was set as soon as anybody notices", async () => {
    const site = await openSite();
    setClock(168);
    expect(site.keeping.isSet).toBe(true);
    await eventually(() => expect(site.buffer.clockShift.ms).toBe(168 * HOUR_MS));
    expect(site.keeping.isSet).toBe(false);
  });

  test("stay when a late event makes a revision, for the whole time from its acknowledgement on", async () => {
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    pass(71);
    await site.happens("on-hold", 71 * HOUR_MS + 30_000);
    expect(site.recording().revision).toBe(2);
    pass(200);
    expect([await site.erase(), await folders()]).toEqual([0, 1]);
    await site.acknowledge();
    pass(71.9);
    expect(await site.erase()).toBe(0);
    pass(0.2);
    expect([await site.erase(), await folders()]).toEqual([1, 0]);
  });

  test("are gone after a restart if their erasure was begun", async () => {
    const site = await openSite();
    await site.seal();
    await site.acknowledge();
    await site.close();
    // As a kill between the mark and the removal leaves it.
    const catalogue = new Database(join(folder, "catalog.db"));
    catalogue.exec("UPDATE recordings SET erased_at = 1");
    catalogue.close();
    expect(await folders()).toBe(1);
    const again = await openSite();
    expect(await folders()).toBe(0);
    expect(again.recording().note).toBe("files-erased");
  });
});
