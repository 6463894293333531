/** Pauses over recorded streams: what is under way, late or waiting for a repair when one begins or ends. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { decodeCapture, expectHoles, judgeRecording } from "./testing/judge-recording.ts";
import { firstPacket, hitting } from "./testing/lines.ts";
import { LINE_MS } from "./testing/played-media.ts";
import { openPlayedSite, PICTURE_MS } from "./testing/played-site.ts";
import { decodePictures } from "./testing/read-pictures.ts";

/** Packets of that time wait for one that comes so much later. */
const REPAIR_AFTER_MS = 900;

describe.each(CODECS)("%s", (codec) => {
  beforeAll(() => decodeCapture(codec));

  test("no picture of a pause is written, whatever is under way at its ends, and the timeline keeps its length", async () => {
    await using site = await openPlayedSite(codec);
    const sender = site.makeSender();
    const startedAt = site.now();
    const track = await site.plugIn(sender);
    await site.pass(4_050);
    // The first packet of the next picture is repaired in the pause: that picture and what follows it wait for it.
    const waitsAt = site.now();
    track.line = hitting(sender, 1, firstPacket, [LINE_MS + REPAIR_AFTER_MS]);
    await site.pass(2 * PICTURE_MS);
    const pausedAt = site.now();
    await site.pause();
    await site.pass(5_000);
    const onDisk = await decodeAll(site.folder);
    // In a pause a desktop stops; this one does not. A key picture of the pause is repaired after it.
    sender.makeKey();
    track.line = hitting(sender, 1, firstPacket, [LINE_MS + REPAIR_AFTER_MS]);
    await site.pass(2 * PICTURE_MS);
    const resumedAt = site.now();
    await site.resume();
    await site.pass(REPAIR_AFTER_MS + 5_000);
    const recording = await site.end();

    const { holes, written } = await judgeRecording(site, recording, [sender]);
    const missing = sender.sent.find(({ at }) => at > waitsAt);
    const back = sender.sent.find(({ key, at }) => key && at >= resumedAt);
    expectHoles(holes, [
      { from: missing?.at ?? Number.NaN, to: pausedAt, why: "loss" },
      { from: pausedAt, to: resumedAt, why: "paused" },
      { from: resumedAt, to: back?.at ?? Number.NaN, why: "late-start" },
    ]);
    const paused = holes.find(({ why }) => why === "paused");
    expect(paused).toEqual({ from: Math.round(pausedAt), to: Math.round(resumedAt), why: "paused" });
    // Nothing had to be taken away afterwards: no file had more in the pause than at its beginning.
    const before = sender.sent.filter(({ at }) => at < waitsAt);
    expect(onDisk).toBe(before.length);
    expect(written).toBeGreaterThan(before.length + 20);
    const stretches = recording.tracks[0]?.coverage ?? [];
    expect([stretches[0]?.from, stretches.at(-1)?.to].map((at) => Date.parse(at ?? ""))).toEqual([
      startedAt,
      Date.parse(recording.endedAt ?? ""),
    ]);
  });
});

/** How many pictures all files under a folder hold, finished or not. */
async function decodeAll(folder: string): Promise<number> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.scn(\.part)?$/.test(name));
  const pictures = await decodePictures(names.map((name) => join(folder, name)));
  return pictures.flat().length;
}
