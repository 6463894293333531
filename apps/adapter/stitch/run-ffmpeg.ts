import { run } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** So much for its start and for little work. */
const LIMIT_LEAST_MS: DurationMs = 600_000;
/** Whatever is real time behind is stuck: stitching is a hundred times faster. */
const LIMIT_PER_MEDIA = 1;
/**
 * Of 19: half of what others get, so that whatever serves people, and a recorder on the same machine, goes first. On a
 * machine that is busy all the time more would starve it.
 */
const NICENESS = 3;
/** One that outlived a killed adapter would write into what the next one makes at the same place. */
const MANNERS = { niceness: NICENESS, diesWithUs: true } as const;

interface FfmpegOptions {
  /** How much media it has to go through. */
  mediaMs: DurationMs;
  signal: AbortSignal;
  cwd?: string;
  onStdout?: (chunk: Buffer) => void;
}

/**
 * Runs ffmpeg with low priority and a time limit, for a stuck one would hold up every interaction after it.
 *
 * @returns its stdout.
 * @throws SubprocessError with the end of its stderr.
 */
export function runFfmpeg(args: readonly string[], { mediaMs, ...options }: FfmpegOptions): Promise<Buffer> {
  return run("ffmpeg", args, { ...options, ...MANNERS, limitMs: limitFor(mediaMs) });
}

/** As {@link runFfmpeg}; it reads a second or so. */
export function runFfprobe(args: readonly string[], signal: AbortSignal): Promise<Buffer> {
  return run("ffprobe", args, { signal, ...MANNERS, limitMs: limitFor(0) });
}

function limitFor(mediaMs: DurationMs): DurationMs {
  return LIMIT_LEAST_MS + mediaMs * LIMIT_PER_MEDIA;
}
