import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recording } from "#shared/api/recording.ts";
import { getJson } from "../../../e2e/rig/events.ts";
import type { BenchRecorder } from "../bench-recorder.ts";
import { FrameScanner } from "./frame-scanner.ts";

const PAGE = 200;

/** All recordings of the recorder, newest first. */
export async function listRecordings({ url, tokens }: BenchRecorder): Promise<Recording[]> {
  const recordings: Recording[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: Recording[]; cursor: string | null } = await getJson(
      `${url}/v1/recordings?limit=${PAGE}${query}`,
      tokens.admin,
    );
    recordings.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== null);
  return recordings;
}

/** How many frames the segment files of a recording have, read from the files themselves. */
export async function countFrames({ bufferDir }: BenchRecorder, recording: Recording): Promise<number> {
  let frames = 0;
  for (const track of recording.tracks) {
    for (const segment of track.segments) {
      const scanner = new FrameScanner();
      scanner.scan(await readFile(join(bufferDir, recording.id, track.id, `${segment.id}.scn`)));
      frames += scanner.frames;
    }
  }
  return frames;
}
