import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedFrame, SegmentFacts, TrackWriter, TrackWriterOptions } from "../../capture/ports.ts";
import { SegmentDisk } from "../segment-disk.ts";
import { createTrackWriter } from "../track-writer.ts";

/** A writer on a folder of its own, and all that it told. */
export interface WriterRig extends AsyncDisposable {
  writer: TrackWriter;
  folder: string;
  segments: SegmentFacts[];
  firstWritten: string[];
  faults: { code: string; reason: string }[];
  /** Milliseconds on the frames' own timeline. */
  lost: { fromMs: number; toMs: number; reason: string }[];
  keyRequests: number;
  files(): Promise<string[]>;
}

/** The wall time of RTP tick 0. */
export const TICKS_FROM = 1_772_445_750_000;

export async function openWriterRig(
  given: Partial<TrackWriterOptions> = {},
  disk: SegmentDisk = new SegmentDisk(),
): Promise<WriterRig> {
  const root = await mkdtemp(join(tmpdir(), "deskreel-scn-"));
  const folder = join(root, "01JREC", "1");
  const told = {
    segments: [] as SegmentFacts[],
    firstWritten: [] as string[],
    faults: [] as { code: string; reason: string }[],
    lost: [] as WriterRig["lost"],
    keyRequests: 0,
  };
  const options: TrackWriterOptions = {
    folder,
    recordingId: "01JREC",
    trackId: "1",
    codec: "vp9",
    firstSegment: 1,
    previousSha256: null,
    segmentS: 60,
    wallTimeOf: (rtpTicks) => TICKS_FROM + rtpTicks / 90,
    clockSource: () => "sender-reports",
    requestKeyFrame: () => {
      rig.keyRequests += 1;
    },
    onSegment: (segment) => void told.segments.push(segment),
    onFirstFrameWritten: (segmentId) => void told.firstWritten.push(segmentId),
    onFramesLost: (from, to, reason) =>
      void told.lost.push({ fromMs: from - TICKS_FROM, toMs: to - TICKS_FROM, reason }),
    onFault: (error, reason) =>
      void told.faults.push({ code: "code" in error ? String(error.code) : error.name, reason }),
    ...given,
  };
  const writer = createTrackWriter(options, disk);
  const rig: WriterRig = {
    ...told,
    writer,
    folder,
    files: async () => {
      const names = await readdir(folder).catch(() => []);
      return names.toSorted((a, b) => a.localeCompare(b));
    },
    async [Symbol.asyncDispose]() {
      await writer.abandon();
      await rm(root, { recursive: true, force: true });
    },
  };
  return rig;
}

/** The frame at another time, in seconds from 0, both of its clocks. */
export function atSecond(frame: EncodedFrame | undefined, second: number): EncodedFrame {
  if (frame === undefined) throw new Error("there is no such frame");
  return { ...frame, rtpTicks: second * 90_000, arrivedAt: second * 1_000 };
}
