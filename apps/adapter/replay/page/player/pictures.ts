const PICTURES_FORMAT = "deskreel.pictures/1";
const PICTURES_FILE = "pictures.json";

/** One that lasts less nobody sees; it is where a recorder's clock was set back, and passed over. */
const SHORTEST_MS = 2;
/** So far into a picture a step goes: the clocks of browsers and files round, and never by so much. */
const INTO_MS = 1;
/** Browsers tell a picture's time in whole microseconds, cut off. */
const ROUNDED_MS = 0.01;
/** How far a step goes where the archive does not say when pictures begin: a picture, as screens are recorded by default. */
const USUAL_STEP_MS = 200;

/** When the pictures of each screen begin, in ms on its own time, by file. */
export type Pictures = ReadonlyMap<string, Float64Array>;

/**
 * @param stored - `pictures.json` as it was read.
 * @throws Error when it is of another format.
 */
export function decodePictures(stored: unknown): Pictures {
  const { format, screens } = (stored ?? {}) as { format?: unknown; screens?: unknown };
  if (format !== PICTURES_FORMAT || !Array.isArray(screens))
    throw new Error(`${PICTURES_FILE} is not of the format ${PICTURES_FORMAT}`);
  return new Map(screens.map((screen: unknown) => decodeScreen(screen)));
}

function decodeScreen(stored: unknown): [file: string, starts: Float64Array] {
  const { file, ticksPerSecond, deltas } = (stored ?? {}) as Record<string, unknown>;
  if (typeof file !== "string" || typeof ticksPerSecond !== "number" || !(ticksPerSecond > 0))
    throw new Error(`${PICTURES_FILE} names a screen without its clock`);
  if (!Array.isArray(deltas) || !deltas.every((delta) => typeof delta === "number" && delta >= 0))
    throw new Error(`${PICTURES_FILE} has no times of ${file}`);
  let ticks = 0;
  const starts = deltas.map((delta: number) => {
    ticks += delta;
    return (ticks * 1_000) / ticksPerSecond;
  });
  const seen = starts.filter((start, index) => (starts[index + 1] ?? Infinity) - start >= SHORTEST_MS);
  return [file, Float64Array.from(seen)];
}

/**
 * Where a step leads: a little into the picture after or before the one that is shown.
 *
 * @param starts - of {@link Pictures}; null where they are not known.
 * @param atMs - a moment of the picture that is shown, in ms on the screen's own time.
 * @param durationMs - of the screen.
 * @returns null when there is no such picture.
 */
export function pictureBeside(
  starts: Float64Array | null,
  atMs: number,
  way: 1 | -1,
  durationMs: number,
): number | null {
  if (starts === null) {
    const to = atMs + way * USUAL_STEP_MS;
    return to < durationMs && to > -USUAL_STEP_MS ? Math.max(0, to) : null;
  }
  const start = starts[countUntil(starts, atMs + ROUNDED_MS) - 1 + way];
  return start === undefined || start + INTO_MS >= durationMs ? null : start + INTO_MS;
}

/** How many pictures begin until a moment. */
function countUntil(starts: Float64Array, atMs: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
