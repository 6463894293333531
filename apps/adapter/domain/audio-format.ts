/** Kinds of sound files that Dynamics and Azure Communication Services are known to give. */
export type AudioFormat = "mp3" | "wav" | "mp4" | "ogg" | "webm" | "flac";

/** How many bytes {@link sniffAudioFormat} and {@link describeNoAudio} want to see. */
export const SNIFF_BYTES = 64;

/** RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088) are WAVs of more than 4 GB, and any that was begun as one. */
const WAVE_BEGINNINGS = ["RIFF", "RF64", "BW64"];

/** The format by its first bytes, because Microsoft documents none and names lie; null when it is none of the known. */
export function sniffAudioFormat(head: Uint8Array): AudioFormat | null {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_BYTES));
  if (WAVE_BEGINNINGS.some((name) => text.startsWith(name)) && text.slice(8, 12) === "WAVE") return "wav";
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

/** What texts are found in a sound's place: pages of proxies, errors of storages (XML) and of Dataverse (JSON). */
const TEXTS: readonly [beginning: RegExp, what: string][] = [
  [/^<(!doctype html|html|head|body)/i, "a web page"],
  [/^<(\?xml|[a-z])/i, "XML"],
  [/^[{[]/, "JSON"],
];
const QUOTED_CHARACTERS = 40;

/** What a file is that is no sound, in the words of a sentence: `the file …`. */
export function describeNoAudio(head: Uint8Array): string {
  if (head.length === 0) return "is empty";
  const letters = String.fromCharCode(...head.subarray(0, SNIFF_BYTES)).replace(/^\u00ef\u00bb\u00bf/, "");
  const text = letters.trimStart();
  // Control characters are no text.
  if (/[^\t\n\r\u0020-\u007e\u0080-\u00ff]/.test(text) || !/^[\u0020-\u007e]{4}/.test(text))
    return `begins with ${toHex(head.subarray(0, 16))}`;
  const what = TEXTS.find(([beginning]) => beginning.test(text))?.[1] ?? "a text";
  return `is ${what}: ${JSON.stringify(text.slice(0, QUOTED_CHARACTERS))}`;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
