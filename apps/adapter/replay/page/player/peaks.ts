const PEAKS_FORMAT = "deskreel.peaks/1";

/** The loudness of the interaction's sound, from its start on. */
export interface Peaks {
  perSecond: number;
  /** One value of 0 to 255 for each 1/perSecond s; two channels are the two sides of the call. */
  channels: readonly Uint8Array[];
}

/** A stretch of the interaction, in ms on its timeline. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Speech is louder than this part of the loudest twentieth … */
const QUIET_PART = 0.06;
/** … and anything is louder than this, of 255. */
const QUIET_AT_LEAST = 2;
const LOUD_QUANTILE = 0.95;

/**
 * @param stored - `peaks.json` as it was read.
 * @throws Error when it is of another format.
 */
export function decodePeaks(stored: unknown): Peaks {
  const { format, perSecond, channels } = stored as {
    format?: unknown;
    perSecond?: unknown;
    channels?: unknown;
  };
  if (format !== PEAKS_FORMAT || typeof perSecond !== "number" || perSecond <= 0 || !Array.isArray(channels))
    throw new Error(`peaks.json is not of the format ${PEAKS_FORMAT}`);
  return { perSecond, channels: channels.map(({ peaks }: { peaks: string }) => decodeBytes(peaks)) };
}

function decodeBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * The loudest value in each of so many equal columns of a stretch; 0 where there is no value.
 *
 * @param channel - of {@link Peaks}.
 */
export function peakColumns(
  channel: Uint8Array,
  perSecond: number,
  { fromMs, toMs }: Span,
  columns: number,
): Uint8Array {
  const perMs = perSecond / 1_000;
  const step = ((toMs - fromMs) * perMs) / columns;
  return Uint8Array.from({ length: columns }, (_, column) => {
    const first = Math.floor(fromMs * perMs + column * step);
    const end = Math.max(first + 1, Math.floor(fromMs * perMs + (column + 1) * step));
    let loudest = 0;
    for (let index = Math.max(0, first); index < end; index++)
      loudest = Math.max(loudest, channel[index] ?? 0);
    return loudest;
  });
}

/** The loudest value of all, at least 1; what a drawing is scaled by. */
export function loudestOf({ channels }: Peaks): number {
  return channels.reduce((most, channel) => channel.reduce((top, value) => Math.max(top, value), most), 1);
}

/**
 * Where nobody speaks though there is sound, in stretches of at least a length. Where there is no sound at all is no
 * silence: there the screen may be what matters.
 *
 * @param sounds - where the interaction has sound.
 */
export function findSilences(peaks: Peaks, sounds: readonly Span[], atLeastMs: number): Span[] {
  const { perSecond, channels } = peaks;
  const length = Math.max(0, ...channels.map((channel) => channel.length));
  const loudness = Uint8Array.from({ length }, (_, index) =>
    Math.max(...channels.map((channel) => channel[index] ?? 0)),
  );
  const limit = quietLimit(loudness);
  const msEach = 1_000 / perSecond;
  return sounds.flatMap(({ fromMs, toMs }) => {
    const silences: Span[] = [];
    const end = Math.min(length, Math.floor(toMs / msEach));
    let since: number | null = null;
    for (let index = Math.ceil(fromMs / msEach); index <= end; index++) {
      const isQuiet = index < end && (loudness[index] ?? 0) <= limit;
      if (isQuiet) since ??= index;
      if (isQuiet || since === null) continue;
      if ((index - since) * msEach >= atLeastMs)
        silences.push({ fromMs: since * msEach, toMs: index * msEach });
      since = null;
    }
    return silences;
  });
}

function quietLimit(loudness: Uint8Array): number {
  const heard = loudness.filter((value) => value > 0).sort();
  const loud = heard[Math.floor(heard.length * LOUD_QUANTILE)] ?? 0;
  return Math.max(QUIET_AT_LEAST, loud * QUIET_PART);
}
