import { z } from "zod";
import { fileNameSchema } from "./manifest.ts";

export const THUMBNAILS_FORMAT = "deskreel.thumbnails/1";
export const THUMBNAILS_FILE = "thumbnails.json";
export const POSTER_FILE = "poster.jpg";

/** The small pictures of one screen, in sheets: row by row from the top left, one sheet after the other. */
export const screenThumbnailsSchema = z.strictObject({
  /** The screen's. */
  file: fileNameSchema,
  /** Of one picture, in pixels of its sheet. A screen of another shape at that time has black bars. */
  width: z.int().positive(),
  height: z.int().positive(),
  columns: z.int().positive(),
  /** Picture i is of the screen's own time i × `everyMs`. */
  everyMs: z.int().positive(),
  /**
   * What a picture is: `every`, what the screen showed at that time; `key`, the last picture until then that decodes by
   * itself, which a segment begins with, so that it may be a minute old.
   */
  shows: z.enum(["every", "key"]),
  /** Of all sheets together. */
  count: z.int().positive(),
  sheets: z.array(z.strictObject({ file: fileNameSchema, count: z.int().positive() })).min(1),
});
export type ScreenThumbnails = z.infer<typeof screenThumbnailsSchema>;

/** `thumbnails.json`. */
export const thumbnailsSchema = z.strictObject({
  format: z.literal(THUMBNAILS_FORMAT),
  screens: z.array(screenThumbnailsSchema),
});
export type Thumbnails = z.infer<typeof thumbnailsSchema>;
