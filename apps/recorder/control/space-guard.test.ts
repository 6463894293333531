import { describe, expect, onTestFinished, test } from "vitest";
import pino from "pino";
import type { SpaceFacts } from "../domain/space-policy.ts";
import { describeShortage, SpaceGuard } from "./space-guard.ts";

const MIB = 1_048_576;

/** A guard over a disk whose room is set by hand; what it does is a line of `journal`. */
async function openGuard(facts: SpaceFacts, erasable: (() => void)[] = []) {
  const journal: string[] = [];
  const meter = {
    facts,
    isGone: false,
    read() {
      if (meter.isGone) return Promise.reject(new Error("stale file handle"));
      return Promise.resolve({ ...meter.facts });
    },
    add(bytes: number) {
      journal.push(`added ${bytes}`);
    },
    invalidate() {
      journal.push("files have gone");
    },
  };
  const write = (line: string) => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    journal.push(`${level >= 50 ? "error" : "info"}: ${msg}`);
  };
  const guard = new SpaceGuard({
    ...{ folder: "/srv/buffer", meter, log: pino({}, { write }) },
    limits: { reserveBytes: 100 * MIB, quotaBytes: 1_000 * MIB },
    eraseDue: () => {
      const erase = erasable.shift();
      erase?.();
      return Promise.resolve(erase === undefined ? 0 : 1);
    },
  });
  onTestFinished(() => guard[Symbol.asyncDispose]());
  await guard.start({
    hold: (reason) => journal.push(`hold for ${reason}`),
    release: () => journal.push("release"),
  });
  return { guard, meter, journal };
}

const roomy = () => ({ freeBytes: 500 * MIB, freeFiles: null, bufferBytes: 0 });

describe("the guard over the call buffer's space", () => {
  test("stops captures below the reserve, says it once, and lets them go on with a tenth more", async () => {
    const { guard, meter, journal } = await openGuard(roomy());
    for (const free of [101, 99, 50, 105, 109, 110, 101]) {
      meter.facts.freeBytes = free * MIB;
      await guard.look();
    }
    expect(journal).toEqual([
      "hold for disk-full",
      "error: too little space: nothing is recorded",
      "release",
      "info: there is space again: recording goes on",
    ]);
    expect(guard.alarm).toBeNull();
  });

  test("erases what is due before it stops anything, and stops nothing when that is enough", async () => {
    const facts = { ...roomy(), bufferBytes: 1_001 * MIB };
    const { guard, journal } = await openGuard(facts, [() => (facts.bufferBytes = 999 * MIB)]);
    expect(journal).toEqual(["files have gone"]);
    expect(guard.shortage).toBeNull();
  });

  test("goes on erasing what comes due while captures are stopped", async () => {
    const facts = { ...roomy(), bufferBytes: 1_001 * MIB };
    const { guard, journal } = await openGuard(facts, [() => {}, () => (facts.bufferBytes = 899 * MIB)]);
    await guard.look();
    expect(journal.filter((line) => !line.includes(":"))).toEqual([
      "files have gone",
      "hold for disk-full",
      "files have gone",
      "release",
    ]);
  });

  test("leaves captures as they are while it cannot look, and says so", async () => {
    const { guard, meter, journal } = await openGuard({ ...roomy(), freeBytes: MIB });
    meter.isGone = true;
    await guard.look();
    await guard.look();
    expect(journal.slice(2)).toEqual(["error: free space cannot be read"]);
    meter.isGone = false;
    meter.facts = roomy();
    await guard.look();
    expect(journal.at(-1)).toBe("info: there is space again: recording goes on");
  });

  test("looks at once when a file could not be written for want of space, and counts what is sealed", async () => {
    const { guard, meter, journal } = await openGuard(roomy());
    const faults: string[] = [];
    const options = guard.watch({
      ...{ folder: "/srv/buffer/R1/1", recordingId: "R1", trackId: "1", codec: "vp9", segmentS: 60 },
      ...{ firstSegment: 1, previousSha256: null, wallTimeOf: () => 0, requestKeyFrame: () => {} },
      ...{ onSegment: () => {}, onFirstFrameWritten: () => {}, onFramesLost: () => {} },
      onFault: (_, reason) => faults.push(reason),
    });
    const size = { frames: 1, width: 1, height: 1 };
    const segment = { id: "000001", startedAt: 0, durationMs: 1, sha256: "", previousSha256: null };
    options.onSegment({ ...segment, ...size, bytes: 7 });
    meter.facts.freeBytes = 0;
    options.onFault(new Error("no space left on device"), "disk-full");
    await expect.poll(() => guard.shortage?.kind).toBe("reserve");
    expect(faults).toEqual(["disk-full"]);
    expect(journal.slice(0, 2)).toEqual(["added 7", "hold for disk-full"]);
  });
});

test("an alarm about space says what is wrong, where, and what to do", () => {
  const about = { found: 900 * MIB, limit: 2_048 * MIB, goesOnAt: 2_252 * MIB };
  expect(describeShortage({ kind: "reserve", ...about }, "/srv/buffer")).toBe(
    "/srv/buffer: 900 MiB are free, below recorder.buffer.reserveMb (2 GiB): nothing is recorded, what is there is safe. " +
      "Free 1.32 GiB there or make the disk larger; recording goes on by itself",
  );
});
