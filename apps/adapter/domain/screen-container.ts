import type { Codec } from "#shared/api/recording.ts";

/** What a screen's file is: MP4, which everything plays, but for VP8, which ffmpeg and Firefox do not take in MP4. */
export function screenContainer(codec: Codec): "mp4" | "webm" {
  return codec === "vp8" ? "webm" : "mp4";
}
