import type { ScreenThumbnails } from "#shared/archive/thumbnails.ts";
import { QUIET } from "./ffmpeg-args.ts";
import { countRows } from "./thumbnail-plan.ts";

/** Of a poster, in pixels. */
const POSTER_BOX = "'min(640,iw)':'min(640,ih)'";
/** 30 kB of a poster with dense text, 5 kB of a thumbnail. */
const JPEG = ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "5"] as const;
/** Means the same colours to whoever knows JPEG only. */
const JPEG_COLOURS = "flags=area:out_color_matrix=bt601:out_range=pc";

/** Where a screen's picture that stands for the interaction goes. */
export interface PosterOutput {
  /** Which of the thumbnails' pictures it is, in large. */
  picture: number;
  output: string;
}

/**
 * Makes the sheets of a screen's thumbnails, and the poster if it is of this screen.
 *
 * @param input - the screen's file, or its key pictures alone; begins at 0 on the screen's own time.
 * @param pictures - that the input has.
 * @param output - of sheet n, with `%d` in its place.
 */
export function thumbnailArgs(
  { input, pictures }: { input: string; pictures: number },
  thumbnails: ScreenThumbnails,
  output: string,
  poster: PosterOutput | null,
): string[] {
  const { width, height, columns, count } = thumbnails;
  const box = `${width}:${height}`;
  const small = `${scaleInto(box)},pad=${box}:-1:-1:eval=frame`;
  const sheets = `tile=${columns}x${countRows(thumbnails)}`;
  const grid = onGrid(thumbnails);
  // Scaled is what there is less of: of a screen that stands still one picture is there many times on the grid.
  const steps = pictures <= count ? [small, grid] : [grid, small];
  const first = `trim=end_frame=${count}`;
  const drawn = `${steps.join(",")},${first},${sheets}[sheets]`;
  const graph =
    poster === null
      ? `[0:v:0]${drawn}`
      : [
          "[0:v:0]split=2[small][large]",
          `[small]${drawn}`,
          `[large]${grid},trim=start_frame=${poster.picture}:end_frame=${poster.picture + 1},${scaleInto(POSTER_BOX)}[poster]`,
        ].join(";");
  return [
    // A screen that changes its size would begin the graph, and with it the sheets, anew.
    ...[...QUIET, "-copyts", "-threads", "1", "-reinit_filter", "0", "-i", input],
    ...["-filter_complex", graph, "-map", "[sheets]", ...JPEG, "-f", "image2", output],
    ...(poster === null
      ? []
      : ["-map", "[poster]", ...JPEG, "-frames:v", "1", "-update", "1", "-f", "image2", poster.output]),
  ];
}

/**
 * For each time of the grid the last picture until then. The last picture of all has to go on for one step before the
 * filter `fps` gives it out, and after it for as long as anybody asks.
 */
function onGrid({ everyMs }: ScreenThumbnails): string {
  return [
    `tpad=stop_duration=${everyMs / 1_000}:stop_mode=clone`,
    `fps=fps=1000/${everyMs}:round=up:start_time=0`,
    "tpad=stop=-1:stop_mode=clone",
  ].join(",");
}

function scaleInto(box: string): string {
  return `scale=${box}:force_original_aspect_ratio=decrease:${JPEG_COLOURS}`;
}
