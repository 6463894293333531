import { run } from "#shared/runtime/subprocess.ts";

/** What ffprobe says of a media file; lengths in ms. */
export interface Probe {
  durationMs: number;
  video: { codec: string; width: number; height: number } | null;
  audio: { codec: string } | null;
}

interface ProbeJson {
  format: { duration?: string };
  streams: { codec_type: string; codec_name: string; width?: number; height?: number }[];
}

/** @throws SubprocessError when the file is not media. */
export async function probeMedia(file: string): Promise<Probe> {
  const json = await run("ffprobe", ["-v", "error", "-show_format", "-show_streams", "-of", "json", file]);
  const { format, streams } = JSON.parse(json.toString()) as ProbeJson;
  const video = streams.find((stream) => stream.codec_type === "video");
  const audio = streams.find((stream) => stream.codec_type === "audio");
  return {
    durationMs: Number(format.duration) * 1_000,
    video: video ? { codec: video.codec_name, width: video.width ?? 0, height: video.height ?? 0 } : null,
    audio: audio ? { codec: audio.codec_name } : null,
  };
}

/** Decodes a whole file; resolves to ffmpeg's complaints, empty when every picture and sample decodes. */
export async function decodeFaults(file: string): Promise<string> {
  // ffmpeg reports broken pictures on stderr but still ends with 0: `-xerror` makes the first one fatal.
  try {
    await run("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
    return "";
  } catch (error) {
    return String(error);
  }
}
