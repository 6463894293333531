import { run } from "#shared/runtime/subprocess.ts";

/** What ffprobe and ffmpeg say of a segment file; `errors` = everything ffmpeg had to complain about. */
export interface Probe {
  frames: number;
  width: number;
  height: number;
  /** NaN in a file that is not sealed. */
  durationMs: number;
  errors: string;
}

/** Decodes the whole file. */
export async function probeSegment(path: string): Promise<Probe> {
  const facts = await run("ffprobe", [
    ...["-v", "error", "-of", "json", "-count_frames"],
    ...["-show_entries", "format=duration:stream=nb_read_frames,width,height", path],
  ]);
  const { streams, format } = JSON.parse(facts.toString()) as {
    streams: [{ nb_read_frames: string; width: number; height: number }];
    format: { duration?: string };
  };
  // Each frame at its own time: without it ffmpeg moves frames to the grid of a frame rate that it guesses, and complains.
  const ownTimes = "-fps_mode passthrough -enc_time_base -1";
  const decode = `exec ffmpeg -v warning -err_detect crccheck+bitstream+buffer+explode -i "$1" ${ownTimes} -f null - 2>&1`;
  const errors = await run("sh", ["-c", decode, "sh", path]);
  const [{ width, height, nb_read_frames: frames }] = streams;
  return {
    frames: Number(frames),
    width,
    height,
    durationMs: Math.round(Number(format.duration) * 1_000),
    errors: errors.toString(),
  };
}
