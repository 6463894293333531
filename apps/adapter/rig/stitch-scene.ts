import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Codec } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { FinishedFile } from "../domain/manifest.ts";
import { planStitch, type SegmentRef, type StitchPlan } from "../domain/stitch-plan.ts";
import { stitchVersion } from "../stitch/stitch-version.ts";
import { makeScreen, makeSound } from "./made-media.ts";
import { madeRecording, madeSegment } from "./made-recording.ts";

/** When the call rang. */
const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);

/** One screen and its sound; times in ms from the ring where nothing else is said. */
export interface Scene {
  codec: Codec;
  /** Flashes and losses from the segment's start. */
  segments: {
    at: DurationMs;
    durationMs: DurationMs;
    flashes: DurationMs[];
    size?: string;
    lost?: [DurationMs, DurationMs][];
  }[];
  /** In the sound's file, which has five seconds; empty: there is no sound. */
  beeps: DurationMs[];
  /** Of the sound's recording; left out of its file. */
  pauses?: [DurationMs, DurationMs][];
  /** Where the screen has no picture. */
  missing?: [DurationMs, DurationMs, Pick<CoverageInterval, "state" | "reason" | "by">][];
}

/** Where a segment's file lies in a scene's folder. */
const scenePath = ({ recordingId, trackId, segmentId }: SegmentRef) =>
  join("sources", recordingId, trackId, `${segmentId}.scn`);

/** Makes a scene's files and stitches them. */
export async function stitchScene(
  dataDir: string,
  { codec, segments, beeps, pauses = [], missing = [] }: Scene,
): Promise<{ path: string; files: FinishedFile[]; plan: StitchPlan }> {
  const made: ReturnType<typeof madeSegment>[] = [];
  for (const [index, { at, durationMs, flashes, size = "160x96", lost = [] }] of segments.entries()) {
    const bytes = await makeScreen(dataDir, durationMs, flashes, { codec, size, lost });
    const segmentId = String(index + 1).padStart(6, "0");
    const path = join(dataDir, scenePath({ recordingId: "01ANN", trackId: "1", segmentId }));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    made.push(madeSegment(segmentId, RING + at, durationMs, bytes));
  }
  const coverage = missing.map(([from, to, what]) => ({
    ...{ from: formatInstant(RING + from), to: formatInstant(RING + to) },
    ...what,
  }));
  const { tracks, ...rest } = madeRecording({ id: "01ANN", callSessionId: "call-1" }, made);
  const recording = { ...rest, tracks: tracks.map((track) => ({ ...track, codec, coverage })) };
  if (beeps.length > 0) await makeSound(dataDir, "wav", 5_000, beeps);
  const stated = {
    ...{ at: RING, uncertaintyMs: 1 },
    pauses: pauses.map(([from, to]) => ({ from: RING + from, to: RING + to })),
  };
  const file = { path: "sound.wav", bytes: 1, sha256: "a".repeat(64), durationMs: 5_000, stated };
  const part = { sourceId: "part-1", createdOn: RING + 60_000, file };
  const audio = beeps.length > 0 ? [part] : [];
  const plan = planStitch({ interactionId: "call-1", recordings: [recording], audio, conversation: null });
  if (plan === null) throw new Error("there is nothing to stitch");
  const folder = join(dataDir, "version");
  await mkdir(folder, { recursive: true });
  const { signal } = new AbortController();
  const options = { dataDir, segmentPath: scenePath, log: silentLog(), signal };
  const files = await stitchVersion(plan, folder, options);
  return { path: join(folder, plan.screens[0]?.file ?? ""), files, plan };
}
