import type { DurationMs } from "#shared/time/units.ts";
import { MP4, QUIET } from "./ffmpeg-args.ts";
import type { SoundStretch } from "./lay-out-sound.ts";
import type { SoundPiece } from "./sound-pieces.ts";
import { sliceAac } from "./sound-slice.ts";
import type { UsableAudio } from "./archived-source.ts";

/** Samples of each ms in which parts are measured. */
export const MEASURED_PER_MS = 48;
/** Samples of each ms that a mix may have: what telephony has, and what holds all of speech. */
const MIX_PER_MS = [16, 24] as const;
export type MixPerMs = (typeof MIX_PER_MS)[number];

/**
 * Of constant quality, about 47 kbit/s of speech: nearer to its source than 48 kbit/s of the slow coder at 48 kHz (31 dB
 * against 15; noise shaping and substitution would add nothing to that and a third to the time), and without a rate control that would remember what came before a piece.
 */
const AAC = [
  ...["-c:a", "aac", "-aac_coder", "fast", "-aac_tns", "0", "-aac_pns", "0"],
  ...["-q:a", "0.8", "-flags:a", "+bitexact"],
] as const;
/** Without it what only one side says could be heard from both; what both say alike is still taken once. */
const APART = ["-aac_is", "0"] as const;
/** Opus at these rates is transparent for speech at any complexity; higher ones take up to seven times as long. */
const OPUS_RATES = { 1: "48k", 2: "64k" } as const;
const OPUS = ["-compression_level", "0", "-frame_duration", "20"] as const;

/** Each frame costs every filter that it goes through; a codec's own would be 15 to 30 times as many. */
const FRAME_SAMPLES = 16_384;
/** Only where sounds are added can there be too much of it; without latency=1 its look-ahead makes them 5 ms late. */
const LIMITER = ",alimiter=limit=0.95:level=0:latency=1";

/** What a part's sound is. */
export interface SoundKind {
  /** In Hz. */
  rate: number;
  /** It has two sides, which a person may want to hear apart. */
  isStereo: boolean;
}

/** What a mix is. */
export interface MixKind {
  perMs: MixPerMs;
  channels: 1 | 2;
}

/** The least rate that loses nothing of any part, or the highest there is; both sides if any part has two. */
export function chooseMix(kinds: readonly SoundKind[]): MixKind {
  const [low, high] = MIX_PER_MS;
  return {
    perMs: kinds.every(({ rate }) => rate <= low * 1_000) ? low : high,
    channels: kinds.some(({ isStereo }) => isStereo) ? 2 : 1,
  };
}

/** Lists what the parts' packets are on stdout, all parts at once: a process for each takes longer to start than to look. */
export function soundKindArgs(inputs: readonly string[]): string[] {
  return [
    ...[...QUIET, ...inputs.flatMap((input) => ["-i", input])],
    ...[...inputs.flatMap((_, index) => ["-map", `${index}:a:0`]), "-c", "copy", "-frames:a", "1"],
    ...["-f", "framecrc", "pipe:1"],
  ];
}

/** What ffmpeg has listed with {@link soundKindArgs}. A sound of more than two channels is none with two sides. */
export function readSoundKinds(listed: string): SoundKind[] {
  const layouts = new Map(
    Array.from(listed.matchAll(/^#channel_layout_name (\d+): (.*)$/gm), ([, stream, name]) => [stream, name]),
  );
  return Array.from(listed.matchAll(/^#sample_rate (\d+): (\d+)$/gm), ([, stream, rate]) => ({
    rate: Number(rate),
    isStereo: TWO_SIDES.includes(layouts.get(stream) ?? ""),
  }));
}

/** What ffmpeg calls two channels, said to be left and right or not. */
const TWO_SIDES = ["stereo", "2 channels"];
/** The one side of a sound on both, as loud as it is; ffmpeg's own way would take 3 dB from it. */
const ON_BOTH = ",pan=stereo|c0=c0|c1=c0";

/**
 * A part of any kind as samples of its own timeline: silence fills what its times leave out (a pause while on hold).
 * first_pts=0 pads a source that begins late by its own account.
 */
function partSamples(perMs: number, channels: 1 | 2, isStereo: boolean): string {
  const resample = `aresample=${perMs * 1_000}:async=1:first_pts=0`;
  const layout = channels === 2 && isStereo ? "stereo" : "mono";
  const sides = channels === 2 && !isStereo ? ON_BOTH : "";
  return `${resample},aformat=sample_fmts=fltp:channel_layouts=${layout}${sides},asetnsamples=n=${FRAME_SAMPLES}:p=0`;
}

/** Decodes a part to 16-bit samples on stdout, as many as will be placed. */
export function decodeArgs(input: string): string[] {
  return [
    ...[...QUIET, "-i", input, "-map", "0:a:0", "-af", partSamples(MEASURED_PER_MS, 1, false)],
    ...["-f", "s16le", "pipe:1"],
  ];
}

/** What of an interaction's sound is to be mixed: its parts, and from which sample to which (excluded). */
export interface SoundMix extends MixKind {
  parts: readonly UsableAudio[];
  /** Absolute paths, one per part. */
  inputs: readonly string[];
  /** One per part. */
  kinds: readonly SoundKind[];
  from: number;
  to: number;
}

/**
 * Mixes a piece and encodes it as AAC packets with headers of their own (ADTS), which can be told apart and joined. What
 * is encoded goes to stdout too, as samples of 16 bits.
 */
export function pieceArgs(mix: Omit<SoundMix, "from" | "to">, piece: SoundPiece, output: string): string[] {
  const { inputs, graph } = mixGraph({ ...mix, ...piece });
  const { channels } = mix;
  return [
    ...[...QUIET, ...inputs, "-filter_complex", `${graph};[mix]asplit=2[sound][samples]`],
    ...["-map", "[sound]", ...AAC, ...(channels === 2 ? APART : []), "-f", "adts", output],
    ...["-map", "[samples]", "-f", "s16le", "pipe:1"],
  ];
}

/** Mixes the whole sound and encodes it as Opus, for screens in WebM. */
export function opusArgs(mix: SoundMix, output: string): string[] {
  const { inputs, graph } = mixGraph(mix);
  return [
    ...[...QUIET, "-progress", "pipe:1", ...inputs, "-filter_complex", graph, "-map", "[mix]"],
    ...["-c:a", "libopus", "-b:a", OPUS_RATES[mix.channels], ...OPUS, "-f", "ogg", output],
  ];
}

/** All that is heard in the range, at its time, silence between; exactly as many samples as the range has. */
function mixGraph({ parts, inputs, kinds, perMs, channels, from, to }: SoundMix): {
  inputs: string[];
  graph: string;
} {
  // Each stretch reads its file anew: one reader for all of them would have to hold what the later ones wait for.
  const heard = parts.flatMap(({ offsetMs, stretches, archived }, index) =>
    stretches.flatMap((stretch, nth) => {
      // What follows a part in an archived mix is another's.
      const isLast = nth === stretches.length - 1 && archived === undefined;
      const placed = placeStretch(stretch, isLast, offsetMs * perMs, { perMs, from, to });
      const isStereo = kinds[index]?.isStereo ?? false;
      return placed === null ? [] : [{ input: inputs[index] ?? "", isStereo, ...placed }];
    }),
  );
  const samples = to - from;
  if (heard.length === 0) {
    const layout = channels === 2 ? "stereo" : "mono";
    const silence = `anullsrc=sample_rate=${perMs * 1_000}:channel_layout=${layout},atrim=end_sample=${samples}`;
    return { inputs: [], graph: `${silence}[mix]` };
  }
  const placed = heard.map(
    ({ cut, delay, isStereo }, index) =>
      // Delays in samples, because ms would round.
      `[${index}:a:0]${partSamples(perMs, channels, isStereo)},${cut},asetpts=PTS-STARTPTS,adelay=delays=${delay}S:all=1[a${index}]`,
  );
  const labels = heard.map((_, index) => `[a${index}]`).join("");
  const added = `amix=inputs=${heard.length}:normalize=0:duration=longest:dropout_transition=0`;
  const mixed = heard.length === 1 ? "" : `${added}${doOverlap(heard) ? LIMITER : ""},`;
  const filter = `${labels}${mixed}apad=whole_len=${samples},atrim=end_sample=${samples}[mix]`;
  return { inputs: heard.flatMap(({ input }) => ["-i", input]), graph: [...placed, filter].join(";") };
}

/** What is cut out of a stretch's file, and where it is heard, in samples of the range. */
interface PlacedStretch {
  cut: string;
  delay: number;
  end: number;
}

function doOverlap(heard: readonly PlacedStretch[]): boolean {
  const ordered = heard.toSorted((a, b) => a.delay - b.delay);
  return ordered.some(({ delay }, index) => delay < (ordered[index - 1]?.end ?? 0));
}

/**
 * Where in a range a stretch is heard; null when none of it is. The last stretch of a part goes to the end of the file, whatever that is to the sample.
 */
function placeStretch(
  stretch: SoundStretch,
  isLast: boolean,
  offset: number,
  { perMs, from, to }: Pick<SoundMix, "perMs" | "from" | "to">,
): PlacedStretch | null {
  const starts = offset + stretch.afterMs * perMs;
  const ends = starts + stretch.durationMs * perMs;
  // Lengths are rounded: of what ends within the first ms there may be no sample, and a filter needs one.
  if (starts >= to || ends < from + perMs) return null;
  const skipped = Math.max(0, from - starts);
  const first = stretch.fromMs * perMs + skipped;
  const end = stretch.fromMs * perMs + Math.min(isLast ? Number.POSITIVE_INFINITY : ends, to) - starts;
  return {
    cut: `atrim=start_sample=${first}:end_sample=${end}`,
    delay: Math.max(0, starts - from),
    end: ends - from,
  };
}

/** The whole sound as the file that plays alone. */
export function audioArgs(sound: string, durationMs: DurationMs, perMs: MixPerMs, output: string): string[] {
  return [
    ...[...QUIET, "-f", "aac", "-i", sound, "-map", "0:a:0", "-c:a", "copy"],
    ...["-bsf:a", sliceAac(0, durationMs, perMs), ...MP4, output],
  ];
}
