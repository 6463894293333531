/** What Chromium sent, the recorder wrote and the adapter joined, where the network lost pictures inside a segment. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { planStitch } from "../../apps/adapter/domain/stitch-plan.ts";
import { madeRecording, madeSegment } from "../../apps/adapter/rig/made-recording.ts";
import { stitchVersion } from "../../apps/adapter/stitch/stitch-version.ts";
import { playCapture, readChromiumCapture } from "../../apps/recorder/media/testing/rtp-fixture.ts";
import { openWriterRig, TICKS_FROM } from "../../apps/recorder/scn/testing/writer-rig.ts";
import { decodeFaults } from "./probe.ts";

/** What the network loses of a capture of ten pictures per second, from its first packet; the next key frame comes at 3.6 s or later. */
const [LOST_FROM_MS, LOST_TO_MS] = [1_000, 2_000];
/** Rounding to ms: in the segment and in the file. */
const TOLERANCE_MS = 2;

/** Every picture of a file when it is decoded: its time and its hash. */
async function readPictures(path: string): Promise<{ atMs: number; hash: string }[]> {
  const text = await run("ffmpeg", [
    ...["-v", "error", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-autoscale", "0"],
    ...["-enc_time_base", "1:1000", "-f", "framehash", "-hash", "md5", "-"],
  ]);
  // stream, dts, pts, duration, size, hash
  const rows = text.toString().match(/^0,.*$/gm) ?? [];
  return rows.map((row) => {
    const [, , pts, , , hash = ""] = row.split(",").map((field) => field.trim());
    return { atMs: Number(pts), hash };
  });
}

test.each(CODECS)(
  "a card takes the place of lost pictures of %s, and each other picture is what it was, when it was",
  async (codec) => {
    const capture = readChromiumCapture(codec);
    const beganAt = capture.find((item) => "rtp" in item)?.at ?? 0;
    const isLost = (at: number) => at >= beganAt + LOST_FROM_MS && at < beganAt + LOST_TO_MS;
    const { frames } = playCapture(
      capture.filter((item) => !("rtp" in item && isLost(item.at))),
      codec,
    );
    await using rig = await openWriterRig({ codec });
    for (const frame of frames) rig.writer.push(frame);
    await rig.writer.seal();
    const after = frames.find(({ lostFrom }) => lostFrom !== undefined);
    const wallOf = (ticks = Number.NaN) => TICKS_FROM + ticks / 90;
    const gap = { from: wallOf(after?.lostFrom), to: wallOf(after?.rtpTicks) };
    expect(gap.to - gap.from).toBeGreaterThan(2_000);

    const segments = rig.segments.map(({ id, startedAt, durationMs }) =>
      madeSegment(id, startedAt, durationMs),
    );
    const { tracks, ...rest } = madeRecording({ id: "01JREC", callSessionId: "call-1" }, segments);
    const coverage = [
      { from: formatInstant(gap.from), to: formatInstant(gap.to), state: "gap" as const, reason: "loss" },
    ];
    const recording = { ...rest, tracks: tracks.map((track) => ({ ...track, codec, coverage })) };
    const plan = planStitch({
      interactionId: "call-1",
      recordings: [recording],
      audio: [],
      conversation: null,
    });
    const [screen] = plan?.screens ?? [];
    if (plan === null || screen === undefined) throw new Error("there is a screen");
    expect(screen.pieces.map((piece) => ("card" in piece ? "card" : piece.segmentId))).toEqual([
      "000001",
      "card",
      "000001",
      "000002",
    ]);
    const folder = join(rig.folder, "version");
    await mkdir(folder);
    const [file] = await stitchVersion(plan, folder, {
      dataDir: rig.folder,
      segmentPath: ({ segmentId }) => `${segmentId}.scn`,
      log: silentLog(),
      signal: new AbortController().signal,
    });
    const path = join(folder, screen.file);
    expect(await decodeFaults(path)).toBe("");
    expect(Math.abs((file?.durationMs ?? 0) - screen.durationMs)).toBeLessThan(50);

    const given: { atMs: number; hash: string }[] = [];
    const zero = rig.segments[0]?.startedAt ?? 0;
    for (const { id, startedAt } of rig.segments) {
      const pictures = await readPictures(join(rig.folder, `${id}.scn`));
      given.push(...pictures.map(({ atMs, hash }) => ({ atMs: atMs + startedAt - zero, hash })));
    }
    expect(given).toHaveLength(frames.length);
    const shown = await readPictures(path);
    const cards = shown.filter(({ hash }) => !given.some((picture) => picture.hash === hash));
    expect(cards).toHaveLength(1);
    expect(Math.abs((cards[0]?.atMs ?? 0) - (gap.from - zero))).toBeLessThan(TOLERANCE_MS);
    const others = shown.filter((picture) => !cards.includes(picture));
    expect(others.map(({ hash }) => hash)).toEqual(given.map(({ hash }) => hash));
    for (const [index, { atMs }] of others.entries())
      expect(Math.abs(atMs - (given[index]?.atMs ?? 0))).toBeLessThan(TOLERANCE_MS);
  },
);
