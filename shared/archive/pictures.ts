import { z } from "zod";
import { fileNameSchema } from "./manifest.ts";

export const PICTURES_FORMAT = "deskreel.pictures/1";
export const PICTURES_FILE = "pictures.json";

/** When each picture of one screen begins, on the clock of its file. */
const screenPicturesSchema = z.strictObject({
  /** The screen's. */
  file: fileNameSchema,
  /** Of the file's own clock, so that nothing is rounded. */
  ticksPerSecond: z.int().positive(),
  /** From the file's beginning to its first picture, and from each picture to the next one. */
  deltas: z.array(z.int().nonnegative()).min(1),
});
export type ScreenPictures = z.infer<typeof screenPicturesSchema>;

/** `pictures.json`. */
export const picturesSchema = z.strictObject({
  format: z.literal(PICTURES_FORMAT),
  screens: z.array(screenPicturesSchema),
});
export type Pictures = z.infer<typeof picturesSchema>;
