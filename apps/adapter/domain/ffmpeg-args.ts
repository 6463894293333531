import type { DurationMs } from "#shared/time/units.ts";
import type { SoundStretch } from "./lay-out-sound.ts";
import { screenContainer } from "./screen-container.ts";
import type { PlannedAudio, PlannedScreen } from "./stitch-plan.ts";

/** Everything is mixed at the rate that browsers play without resampling. */
export const SAMPLES_PER_MS = 48;
/** Of an MP4's video track; given, because expressions see the track's ticks and not seconds. */
const MP4_TICKS_PER_MS = 16;
/** Speech; AAC and Opus at this rate are transparent for telephone sound. */
const AUDIO_BITRATE = "48k";

/** No word but of errors, and no question. */
export const QUIET = ["-hide_banner", "-nostdin", "-v", "error", "-nostats", "-y"] as const;
const AAC = ["-c:a", "aac", "-b:a", AUDIO_BITRATE] as const;
/** The index before the data, so that a player can start while it loads. */
const MP4 = ["-movflags", "+faststart", "-f", "mp4"] as const;

/** How a screen's file is written. */
interface Container {
  /** Of the video track's clock. */
  ticksPerMs: number;
  /**
   * How much earlier than meant the pictures are handed to the muxer beside sound. The Opus encoder's first 6.5 ms are to be
   * skipped, and ffmpeg delays everything by so much, rounded, so that nothing is before 0; but readers skip in the sound
   * alone, and the pictures would be late.
   */
  picturesEarlierMs: DurationMs;
  videoOut: readonly string[];
  audioOut: readonly string[];
  format: readonly string[];
}

const CONTAINERS: Record<"mp4" | "webm", Container> = {
  mp4: {
    ticksPerMs: MP4_TICKS_PER_MS,
    picturesEarlierMs: 0,
    videoOut: ["-video_track_timescale", String(MP4_TICKS_PER_MS * 1_000)],
    audioOut: AAC,
    format: MP4,
  },
  webm: {
    ticksPerMs: 1,
    picturesEarlierMs: 7,
    videoOut: [],
    audioOut: ["-c:a", "libopus", "-b:a", AUDIO_BITRATE],
    format: ["-cues_to_front", "1", "-f", "webm"],
  },
};

/**
 * A part of any kind as samples of its own timeline: silence fills what its times leave out (a pause while on hold).
 * first_pts=0 pads a source that begins late by its own account.
 */
const PART_SAMPLES = "aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono";

/** Decodes a part to 16-bit samples on stdout, exactly as many as {@link mixArgs} will place. */
export function decodeArgs(input: string): string[] {
  return [...QUIET, "-i", input, "-map", "0:a:0", "-af", PART_SAMPLES, "-f", "s16le", "pipe:1"];
}

/**
 * All audio parts on the interaction's timeline, silence between them, as lossless samples from 0 to its end.
 *
 * @param inputs - absolute paths, one per part in the plan's order.
 * @param durationMs - of the interaction.
 */
export function mixArgs(
  parts: readonly PlannedAudio[],
  inputs: readonly string[],
  durationMs: DurationMs,
  output: string,
): string[] {
  const samples = durationMs * SAMPLES_PER_MS;
  // Each stretch reads its file anew: one reader for all of them would have to hold what the later ones wait for.
  const pieces = parts.flatMap(({ offsetMs, stretches }, index) =>
    stretches.map((stretch, nth) => ({
      input: inputs[index] ?? "",
      cut: cutStretch(stretch, nth === stretches.length - 1),
      // Delays in samples, because ms would round.
      delay: (offsetMs + stretch.afterMs) * SAMPLES_PER_MS,
    })),
  );
  const placed = pieces.map(
    ({ cut, delay }, index) => `[${index}:a:0]${PART_SAMPLES}${cut},adelay=delays=${delay}S:all=1[a${index}]`,
  );
  const labels = pieces.map((_, index) => `[a${index}]`).join("");
  const mixed =
    pieces.length === 1
      ? labels
      : `${labels}amix=inputs=${pieces.length}:normalize=0:duration=longest:dropout_transition=0,`;
  // Without latency=1 the limiter's look-ahead makes the sound 5 ms late.
  const filter = `${mixed}alimiter=limit=0.95:level=0:latency=1,apad=whole_len=${samples},atrim=end_sample=${samples}[mix]`;
  return [
    ...QUIET,
    ...pieces.flatMap(({ input }) => ["-i", input]),
    ...["-filter_complex", [...placed, filter].join(";"), "-map", "[mix]"],
    ...["-c:a", "pcm_s16le", "-rf64", "auto", "-f", "wav", output],
  ];
}

/** The last stretch goes to the end of the file, whatever that is to the sample. */
function cutStretch({ fromMs, durationMs }: SoundStretch, isLast: boolean): string {
  if (fromMs === 0 && isLast) return "";
  const end = isLast ? "" : `:end_sample=${(fromMs + durationMs) * SAMPLES_PER_MS}`;
  return `,atrim=start_sample=${fromMs * SAMPLES_PER_MS}${end},asetpts=PTS-STARTPTS`;
}

/** The mix as the file that plays alone. */
export function audioArgs(mix: string, output: string): string[] {
  return [...QUIET, "-progress", "pipe:1", "-i", mix, "-map", "0:a:0", ...AAC, ...MP4, output];
}

/**
 * One screen: its segments joined without touching a picture, and its slice of the mix. Both begin at 0 with a real
 * sample, because Firefox ignores an empty edit at the beginning.
 *
 * @param list - the file with {@link concatList}.
 * @param mix - null when the interaction has no sound.
 */
export function screenArgs(
  screen: PlannedScreen,
  list: string,
  mix: string | null,
  output: string,
): string[] {
  const { ticksPerMs, picturesEarlierMs, videoOut, audioOut, format } =
    CONTAINERS[screenContainer(screen.codec)];
  const sound =
    mix === null ? [] : ["-ss", seconds(screen.entry.offsetMs), "-t", seconds(screen.durationMs), "-i", mix];
  const soundOut = mix === null ? [] : ["-map", "1:a:0", ...audioOut];
  const earlier = mix === null ? 0 : picturesEarlierMs * ticksPerMs;
  const setTimes = [
    `ts=${oneAfterTheOther(earlier)}`,
    `duration=${holdLastPicture(screen.durationMs * ticksPerMs)}`,
  ];
  return [
    // Without -xerror a segment that cannot be opened ends the list early, and ffmpeg calls that success.
    ...[...QUIET, "-xerror", "-progress", "pipe:1", "-f", "concat", "-safe", "0", "-i", list, ...sound],
    ...["-map", "0:v:0", "-c:v", "copy", ...videoOut],
    ...["-bsf:v", `setts=${setTimes.join(":")}`, ...soundOut, ...format, output],
  ];
}

/**
 * No picture before the one that precedes it, which ffmpeg takes for an error: where the recorder's clock was set back, the
 * next segment begins before the last one has ended. What of it overlaps is shown in a flash; all later pictures are in
 * their places. An expression of the filter `setts`.
 */
function oneAfterTheOther(earlierTicks: number): string {
  return `'max(TS-${earlierTicks},PREV_OUTDTS+1)'`;
}

/**
 * Lets the last picture stay until the track ends: a screen that stands still sends nothing for minutes, and the file
 * would end with its last change. An expression of the filter `setts`.
 */
function holdLastPicture(durationTicks: number): string {
  return `'if(eq(NEXT_PTS,NOPTS),max(1,${durationTicks}-PTS),max(1,NEXT_PTS-PTS))'`;
}

/**
 * The list of ffmpeg's concat demuxer. The explicit durations place each piece; the pictures' own times would let
 * every gap and every rounding of a segment move all that follows.
 *
 * @param paths - absolute, one per piece of the screen.
 */
export function concatList({ pieces }: PlannedScreen, paths: readonly string[]): string {
  const lines = pieces.map(
    ({ holdMs }, index) =>
      `file '${(paths[index] ?? "").replaceAll("'", "'\\''")}'\nduration ${seconds(holdMs)}`,
  );
  return `ffconcat version 1.0\n${lines.join("\n")}\n`;
}

function seconds(ms: DurationMs): string {
  return (ms / 1_000).toFixed(3);
}
