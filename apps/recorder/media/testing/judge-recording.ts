import { expect } from "vitest";
import type { Codec, Recording, Track } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { PlayedSite } from "./played-site.ts";
import { openPlayedSite, PICTURE_MS } from "./played-site.ts";
import { decodePictures } from "./read-pictures.ts";
import type { ScriptedSender, SentPicture } from "./scripted-sender.ts";

/** Files and coverage round to a millisecond, and the clock of a stream is known to well under that here. */
const ROUNDING_MS: DurationMs = 5;
/** How exactly the ends of a gap are to be known, besides the distance of two pictures. */
const GAP_TOLERANCE_MS: DurationMs = 40;

/** A picture of the segment files. */
interface WrittenPicture {
  at: EpochMs;
  pixels: string;
}

/** A stretch of the coverage that is not captured. */
export interface Hole {
  from: EpochMs;
  to: EpochMs;
  /** The gap's reason, or `paused`. */
  why: string;
}

const decodedCaptures = new Map<Codec, Promise<ReadonlyMap<number, string>>>();

/** Every picture that the files hold, in the order of their times. */
async function readWritten(site: PlayedSite, track: Track): Promise<WrittenPicture[]> {
  const decoded = await decodePictures(track.segments.map(({ id }) => site.fileOf(track.id, id)));
  expect(decoded.map(({ length }) => length)).toEqual(track.segments.map(({ frames }) => frames));
  const written = track.segments.flatMap(({ startedAt }, index): WrittenPicture[] =>
    (decoded[index] ?? []).map(({ atMs, pixels }) => ({ at: Date.parse(startedAt) + atMs, pixels })),
  );
  return written.sort((a, b) => a.at - b.at);
}

/** The stretches of a track without picture. */
function holesOf({ coverage }: Track, now: EpochMs): Hole[] {
  return coverage.flatMap(({ from, to, state, reason }) =>
    state === "captured"
      ? []
      : [{ from: Date.parse(from), to: to === null ? now : Date.parse(to), why: reason ?? state }],
  );
}

/**
 * Judges a recording of one track by what was really sent, whatever became of it on the way: each picture in its files is
 * one that was sent, to the last pixel and at its own time, and each one that was sent is either there or in a hole.
 *
 * @returns the holes, and how many pictures were written.
 */
export async function judgeRecording(
  site: PlayedSite,
  recording: Recording,
  senders: readonly ScriptedSender[],
): Promise<{ holes: Hole[]; written: number }> {
  expect(recording.tracks).toHaveLength(1);
  const [track] = recording.tracks;
  const [first] = senders;
  if (track === undefined || first === undefined) throw new Error("there is no track");
  const looks = await decodeCapture(first.codec);
  const written = await readWritten(site, track);
  const endedAt = Date.parse(recording.endedAt ?? "");
  const holes = holesOf(track, endedAt);
  const sent = senders.flatMap((sender) => sender.sent);

  const shown = new Map<WrittenPicture, SentPicture>();
  for (const picture of written) {
    const original = sent.find(({ at }) => Math.abs(at - picture.at) <= ROUNDING_MS);
    if (original !== undefined) shown.set(picture, original);
  }
  expect(written.filter((picture) => !shown.has(picture))).toEqual([]);
  expect(written.map(({ pixels }) => pixels)).toEqual(
    written.map((picture) => looks.get(shown.get(picture)?.number ?? Number.NaN)),
  );
  const kept = new Set(shown.values());
  expect(kept.size).toBe(written.length);
  const isMissing = (at: EpochMs) =>
    holes.some(({ from, to }) => at >= from - ROUNDING_MS && at < to - ROUNDING_MS);
  // The last one may still be under way when the call ends.
  const unaccounted = sent.filter(
    (picture) => picture.at < endedAt - PICTURE_MS && !kept.has(picture) && !isMissing(picture.at),
  );
  expect(unaccounted.map(({ at }) => at)).toEqual([]);
  const claimedLost = [...kept].filter(({ at }) => isMissing(at + 2 * ROUNDING_MS) && isMissing(at));
  expect(claimedLost.map(({ at }) => at)).toEqual([]);
  return { holes, written: written.length };
}

/** Compares holes with what the fault has really cost; their ends may be off by a picture and a little. */
export function expectHoles(found: readonly Hole[], real: readonly Hole[]): void {
  expect(found.map(({ why }) => why)).toEqual(real.map(({ why }) => why));
  const off = found.flatMap(({ from, to }, index) => [
    Math.abs(from - (real[index]?.from ?? Number.NaN)),
    Math.abs(to - (real[index]?.to ?? Number.NaN)),
  ]);
  expect(off.filter((ms) => !(ms <= GAP_TOLERANCE_MS + PICTURE_MS))).toEqual([]);
}

/**
 * What the pictures of a capture look like decoded, by their numbers: what a line without any fault brings. To be known
 * before anything of that codec is judged, since it needs the fake clock for itself.
 */
export function decodeCapture(codec: Codec): Promise<ReadonlyMap<number, string>> {
  const known = decodedCaptures.get(codec) ?? recordUndisturbed(codec);
  decodedCaptures.set(codec, known);
  return known;
}

async function recordUndisturbed(codec: Codec): Promise<ReadonlyMap<number, string>> {
  await using site = await openPlayedSite(codec);
  const sender = site.makeSender();
  await site.plugIn(sender);
  await site.pass(sender.length * PICTURE_MS);
  sender.changeSize();
  await site.pass(sender.length * PICTURE_MS);
  const recording = await site.end();
  const [track] = recording.tracks;
  const written = track === undefined ? [] : await readWritten(site, track);
  return new Map(written.map(({ pixels }, index) => [sender.sent[index]?.number ?? Number.NaN, pixels]));
}
