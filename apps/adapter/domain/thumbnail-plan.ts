import type { ScreenThumbnails } from "#shared/archive/thumbnails.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** A picture of 16:9 is 256x144: whole blocks of JPEG, so that none smears into its neighbour. */
const BOX = { width: 256, height: 192 } as const;
const COLUMNS = 10;
/** About a megabyte of dense text. */
const SHEET_PIXELS_MOST = COLUMNS * 10 * 256 * 144;
/** Of one screen. */
const PICTURES_MOST = 600;
/** From one picture to the next, in s; the first that makes few enough pictures is taken. */
const EVERY_S = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600] as const;
/** Key pictures are up to a minute apart; more of the same would only be longer. */
const EVERY_S_OF_KEYS = 10;
/** Whole hours beyond. */
const HOUR_S = 3_600;
/**
 * Pixels that are decoded for one version's thumbnails where not only key pictures are: 480 pictures of 1080p, which take
 * two seconds of processor. A call of an hour has forty times as many.
 */
const DECODED_PIXELS_MOST = 480 * 1_920 * 1_080;

/** What a screen's thumbnails are made from. */
export interface ThumbnailSource {
  file: string;
  width: number;
  height: number;
  durationMs: DurationMs;
  /** That its file has. */
  pictures: number;
}

/**
 * How a screen's thumbnails are laid out.
 *
 * @param screens - how many the version has: they share what may be decoded.
 */
export function planThumbnails(source: ThumbnailSource, screens: number): ScreenThumbnails {
  const { file, durationMs, pictures } = source;
  const { width, height } = fitInto(source);
  const isCheap = pictures * source.width * source.height * screens <= DECODED_PIXELS_MOST;
  const shows = isCheap ? "every" : "key";
  const everyMs = chooseEveryS(durationMs, isCheap ? 0 : EVERY_S_OF_KEYS) * 1_000;
  const count = countPictures(durationMs, everyMs);
  const rowsMost = Math.max(1, Math.floor(SHEET_PIXELS_MOST / (width * height * COLUMNS)));
  const perSheet = COLUMNS * rowsMost;
  const name = file.replace(/^screen-/, "thumbnails-").replace(/\.[^.]*$/, "");
  const sheets = Array.from({ length: Math.ceil(count / perSheet) }, (_, index) => ({
    file: `${name}-${index + 1}.jpg`,
    count: Math.min(perSheet, count - index * perSheet),
  }));
  return { file, width, height, columns: COLUMNS, everyMs, shows, count, sheets };
}

/** How many rows a sheet has: the last one is as high as the others, but for a screen with one. */
export function countRows({ sheets, columns }: Pick<ScreenThumbnails, "sheets" | "columns">): number {
  return Math.ceil((sheets[0]?.count ?? 0) / columns);
}

function chooseEveryS(durationMs: DurationMs, leastS: number): number {
  const isFew = (everyS: number) => countPictures(durationMs, everyS * 1_000) <= PICTURES_MOST;
  const known = EVERY_S.find((everyS) => everyS >= leastS && isFew(everyS));
  return known ?? Math.ceil(durationMs / 1_000 / PICTURES_MOST / HOUR_S) * HOUR_S;
}

/** One at the beginning and each that begins before the end. */
function countPictures(durationMs: DurationMs, everyMs: DurationMs): number {
  return Math.max(1, Math.ceil(durationMs / everyMs));
}

/** The size in which a screen fits into the box; even, as pixels of colour are two by two. */
function fitInto({ width, height }: Pick<ThumbnailSource, "width" | "height">): {
  width: number;
  height: number;
} {
  const factor = Math.min(BOX.width / width, BOX.height / height);
  const even = (pixels: number) => Math.max(2, Math.round((pixels * factor) / 2) * 2);
  return { width: even(width), height: even(height) };
}
