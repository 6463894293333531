import { probeMedia } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import type { RecordedCall } from "./events.ts";
import type { MonitorMode } from "./pluggable-display.ts";
import type { Recorder } from "./recorder.ts";
import { waitFor } from "./wait.ts";

const WITHIN_MS = 60_000;

/** The screens' numbers in their bar codes. */
export const SCREENS = { first: 1, second: 2 } as const;

/** What of a call is to be looked at. */
export interface ScreenWanted {
  /** Place in the recording's tracks. */
  track: number;
  size?: MonitorMode;
  /** Segments that began before it do not count; epoch ms. */
  after: number;
}

/** Waits for a segment of a track that begins after a time, and tells the share of its pictures that shows each screen. */
export async function readShownScreens(
  recorder: Pick<Recorder, "files">,
  call: Pick<RecordedCall, "recording">,
  wanted: ScreenWanted,
): Promise<Record<keyof typeof SCREENS, number>> {
  const looked = new Set<string>();
  const { file, frames } = await waitFor(
    `track ${wanted.track} to go on ${wanted.size ?? ""}`,
    async () => {
      const recording = await call.recording();
      const track = recording.tracks[wanted.track];
      for (const { track: of, segment, file } of recorder.files(recording)) {
        if (of !== track || looked.has(file) || Date.parse(segment.startedAt) < wanted.after) continue;
        looked.add(file);
        const { video } = await probeMedia(file);
        const isOfSize = wanted.size === undefined || `${video?.width}x${video?.height}` === wanted.size;
        if (isOfSize && segment.frames > 1) return { file, frames: segment.frames };
      }
      return null;
    },
    { withinMs: WITHIN_MS, everyMs: 300 },
  );
  const shareOf = async (screen: number) =>
    (await readBarCodes(file, screen)).filter(({ value }) => value !== null).length / frames;
  return { first: await shareOf(SCREENS.first), second: await shareOf(SCREENS.second) };
}
