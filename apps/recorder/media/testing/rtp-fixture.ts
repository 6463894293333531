import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Codec } from "#shared/api/recording.ts";
import type { EncodedFrame } from "../../capture/ports.ts";
import { FrameStream } from "../frame-stream.ts";
import type { WireSenderReport } from "../sender-runs.ts";

/** One line of a capture: a packet or a sender report, and when it arrived. */
export type CapturedItem =
  | { at: number; rtp: Buffer }
  | { at: number; report: WireSenderReport; roundTripMs: number };

/**
 * A codec as a real Chromium sent it through a real mediasoup, as the first line of its file tells: 62 to 69 pictures at 10
 * per second, 640x360 and then 480x300. `record-fixture.ts` makes the files.
 */
export function readChromiumCapture(codec: Codec = "vp9"): CapturedItem[] {
  const path = join(import.meta.dirname, `../fixtures/chromium-${codec}.jsonl`);
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const item = JSON.parse(line) as {
        at: number;
        rtp: string;
        report: WireSenderReport;
        roundTripMs: number;
      };
      return "rtp" in item ? { at: item.at, rtp: Buffer.from(item.rtp, "base64") } : item;
    });
}

/** What a stream makes of a capture. */
export function playCapture(
  items: readonly CapturedItem[],
  codec: Codec = "vp9",
): {
  stream: FrameStream;
  frames: EncodedFrame[];
  losses: string[];
} {
  const stream = new FrameStream(codec);
  const frames: EncodedFrame[] = [];
  const losses: string[] = [];
  for (const item of items) {
    if ("report" in item) {
      stream.onSenderReport(item.report, item.at, item.roundTripMs);
      continue;
    }
    for (const output of [stream.releaseOverdue(item.at), stream.push(item.rtp, item.at)]) {
      frames.push(...output.frames);
      losses.push(...output.losses);
    }
  }
  return { stream, frames, losses };
}
