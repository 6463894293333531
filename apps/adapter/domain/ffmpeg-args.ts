import type { DurationMs } from "#shared/time/units.ts";
import type { ListedPiece } from "./cut-list.ts";
import { screenContainer } from "./screen-container.ts";
import type { MixPerMs } from "./sound-args.ts";
import { sliceAac, sliceOpus } from "./sound-slice.ts";
import type { UsableScreen } from "./archived-source.ts";

/** Of an MP4's video track; given, because expressions see the track's ticks and not seconds. */
const MP4_TICKS_PER_MS = 16;

/**
 * No picture before the one that precedes it, which ffmpeg takes for an error: where the recorder's clock was set back, the
 * next segment begins before the last one has ended. What of it overlaps is shown in a flash; all later pictures are in
 * their places. An expression of the filter `setts`.
 */
const ONE_AFTER_THE_OTHER = "'max(TS,PREV_OUTDTS+1)'";

/** No word but of errors, and no question. */
export const QUIET = ["-hide_banner", "-nostdin", "-v", "error", "-nostats", "-y"] as const;
/** The index before the data, so that a player can start while it loads. */
export const MP4 = ["-movflags", "+faststart", "-f", "mp4"] as const;

/**
 * Packets that ffmpeg's reader of an input may be ahead. With the usual eight, it and the muxer wait for each other at
 * nearly every packet, which takes a fifth of joining's time; a busy screen's packets are 100 kB, so it is not more.
 */
const READ_AHEAD = ["-thread_queue_size", "64"] as const;

/** How a screen's file is written. */
interface Container {
  /** Of the video track's clock. */
  ticksPerMs: number;
  videoOut: readonly string[];
  format: readonly string[];
}

const CONTAINERS: Record<"mp4" | "webm", Container> = {
  mp4: {
    ticksPerMs: MP4_TICKS_PER_MS,
    videoOut: ["-video_track_timescale", String(MP4_TICKS_PER_MS * 1_000)],
    format: MP4,
  },
  webm: { ticksPerMs: 1, videoOut: [], format: ["-cues_to_front", "1", "-f", "webm"] },
};

/** The sound of a whole interaction, encoded; absolute paths. */
export interface SoundFiles {
  perMs: MixPerMs;
  /** In ADTS. */
  aac: string;
  /** In Ogg; null when no screen needs it. */
  opus: string | null;
}

/**
 * One screen: its segments and its slice of the sound, joined without encoding anything again. Both begin at 0, where
 * Firefox ignores an empty edit in an MP4.
 *
 * @param list - the file with {@link concatList}.
 * @param sound - null when the interaction has none.
 * @param keys - where all pictures go beside that decode by themselves, alone.
 */
export function screenArgs(
  screen: UsableScreen,
  list: string,
  sound: SoundFiles | null,
  output: string,
  keys: string,
): string[] {
  const container = screenContainer(screen.codec);
  const { ticksPerMs, videoOut, format } = CONTAINERS[container];
  const { input, out } = sound === null ? { input: [], out: [] } : soundSlice(screen, sound);
  const setTimes = [
    `ts=${ONE_AFTER_THE_OTHER}`,
    `duration=${holdLastPicture(screen.durationMs * ticksPerMs)}`,
  ];
  return [
    // Without -xerror a segment that cannot be opened ends the list early, and ffmpeg calls that success.
    ...[...QUIET, "-xerror", "-progress", "pipe:1"],
    ...[...READ_AHEAD, "-f", "concat", "-safe", "0", "-i", list, ...input],
    ...["-map", "0:v:0", "-c:v", "copy", ...videoOut],
    ...["-bsf:v", `setts=${setTimes.join(":")}`, ...out, ...format, output],
    ...["-map", "0:v:0", "-c:v", "copy", "-bsf:v", `noise=drop='not(key)',setts=ts=${ONE_AFTER_THE_OTHER}`],
    ...["-f", "matroska", keys],
  ];
}

function soundSlice({ codec, entry, durationMs }: UsableScreen, { perMs, aac, opus }: SoundFiles) {
  const isMp4 = screenContainer(codec) === "mp4";
  if (!isMp4 && opus === null) throw new RangeError(`a screen in ${codec} needs its sound in Opus`);
  const [file, cut] = isMp4
    ? [[...READ_AHEAD, "-f", "aac", "-i", aac], sliceAac(entry.offsetMs, durationMs, perMs)]
    : [[...READ_AHEAD, "-i", opus ?? ""], sliceOpus(entry.offsetMs, durationMs)];
  return { input: file, out: ["-map", "1:a:0", "-c:a", "copy", "-bsf:a", cut] };
}

/**
 * Lets the last picture stay until the track ends: a screen that stands still sends nothing for minutes, and the file
 * would end with its last change. An expression of the filter `setts`.
 */
function holdLastPicture(durationTicks: number): string {
  return `'if(eq(NEXT_PTS,NOPTS),max(1,${durationTicks}-PTS),max(1,NEXT_PTS-PTS))'`;
}

/**
 * A screen's pictures alone, in a file whose clock is that of segments and cards: ffmpeg's concat demuxer takes the
 * numbers of all files for those of the first one's clock. Without -copyts the sound of a WebM, which begins a bit before
 * 0, would move them.
 */
export function picturesArgs(screen: string, output: string): string[] {
  return [
    ...QUIET,
    "-xerror",
    "-copyts",
    "-i",
    screen,
    "-map",
    "0:v:0",
    "-c:v",
    "copy",
    "-f",
    "matroska",
    output,
  ];
}

/**
 * The list of ffmpeg's concat demuxer. The explicit durations place each piece; the pictures' own times would let
 * every gap and every rounding of a segment move all that follows.
 */
export function concatList(pieces: readonly ListedPiece[]): string {
  const lines = pieces.flatMap(({ path, fromMs, toMs, holdMs }) => [
    `file '${path.replaceAll("'", "'\\''")}'`,
    ...(fromMs === undefined ? [] : [`inpoint ${seconds(fromMs)}`]),
    ...(toMs === undefined ? [] : [`outpoint ${seconds(toMs)}`]),
    `duration ${seconds(holdMs)}`,
  ]);
  return `ffconcat version 1.0\n${lines.join("\n")}\n`;
}

/** To the microsecond, as ffprobe tells the times of pictures. */
function seconds(ms: DurationMs): string {
  return (ms / 1_000).toFixed(6);
}
