import type { Codec } from "#shared/api/recording.ts";
import { QUIET } from "./ffmpeg-args.ts";
import type { CardText } from "./screen-card.ts";

/** A card and what it has to fit. */
export interface CardLook extends CardText {
  codec: Codec;
  width: number;
  height: number;
}

/** One picture at once: the encoders' look-ahead and threads would only take memory (libvpx: 300 MB in 1080p). */
const ENCODERS: Readonly<Record<Codec, readonly string[]>> = {
  vp9: [
    ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0"],
    ...["-crf", "24", "-b:v", "0", "-threads", "1", "-f", "webm"],
  ],
  av1: [
    ...["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-crf", "24", "-threads", "1"],
    ...["-f", "webm"],
  ],
  // Chromium's own profile.
  h264: [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-profile:v",
    "baseline",
    "-threads",
    "1",
    "-f",
    "matroska",
  ],
  vp8: [
    ...[
      "-c:v",
      "libvpx",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-crf",
      "4",
      "-qmax",
      "8",
      "-b:v",
      "20M",
    ],
    ...["-threads", "1", "-f", "webm"],
  ],
};

/** Near black, so that nothing flashes; the words are no brighter than a page's. */
const [PAPER, INK, PALE_INK] = ["0x15171c", "0xd5d8de", "0x8b919c"];

/**
 * Encodes a card: one picture with two lines in its middle.
 *
 * @param texts - names of the files that hold the lines, in the folder in which ffmpeg runs; plain ones, because a filter's
 *   arguments know three levels of quoting.
 * @param font - absolute path, null = no words.
 */
export function cardArgs(
  { codec, width, height }: CardLook,
  texts: { title: string; detail: string },
  font: string | null,
  output: string,
): string[] {
  // 4:2:0 has no odd sizes.
  const size = `${width + (width % 2)}x${height + (height % 2)}`;
  const line = (text: string, ink: string, part: number, y: string) =>
    // A narrow screen's words are as wide as the screen lets them, a wide one's as high as its height.
    `drawtext=fontfile=${font}:textfile=${text}:expansion=none:fontcolor=${ink}:fontsize='min(h/${part},w/${part})':x=(w-text_w)/2:y=${y}`;
  const words =
    font === null
      ? []
      : [line(texts.title, INK, 20, "h/2-text_h"), line(texts.detail, PALE_INK, 32, "h/2+text_h")];
  return [
    ...[...QUIET, "-f", "lavfi", "-i", `color=c=${PAPER}:s=${size}:r=25`],
    ...["-vf", [...words, "format=yuv420p"].join(","), "-frames:v", "1", ...ENCODERS[codec], output],
  ];
}
