/** Kinds of sound files that Dynamics and Azure Communication Services are known to give. */
export type AudioFormat = "mp3" | "wav" | "mp4" | "ogg" | "webm" | "flac";

/** How many bytes {@link sniffAudioFormat} wants to see. */
export const SNIFF_BYTES = 16;

/** The format by its first bytes, because Microsoft documents none and names lie; null when it is none of the known. */
export function sniffAudioFormat(head: Uint8Array): AudioFormat | null {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_BYTES));
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WAVE") return "wav";
  if (text.slice(4, 8) === "ftyp") return "mp4";
  if (text.startsWith("OggS")) return "ogg";
  if (text.startsWith("fLaC")) return "flac";
  if (text.startsWith("\u001aE\u00df\u00a3")) return "webm";
  if (text.startsWith("ID3") || isMpegFrame(head)) return "mp3";
  return null;
}

/** Eleven set bits, then a version and a layer that exist (ISO/IEC 11172-3, 2.4.2.3). */
function isMpegFrame([first = 0, second = 0]: Uint8Array): boolean {
  const version = (second >> 3) & 0b11;
  const layer = (second >> 1) & 0b11;
  return first === 0xff && (second & 0xe0) === 0xe0 && version !== 0b01 && layer !== 0;
}
