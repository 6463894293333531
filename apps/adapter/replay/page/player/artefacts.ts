import type { Manifest } from "#shared/archive/manifest.ts";
import { decodePeaks, type Peaks } from "./peaks.ts";
import { decodeThumbnails, type ScreenThumbnails } from "./thumbnails.ts";

/** What was made of the media when they were archived; null where it was not. */
export interface Artefacts {
  peaks: Peaks | null;
  thumbnails: readonly ScreenThumbnails[] | null;
}

/** @param read - gives a JSON file of the interaction. */
export async function loadArtefacts(
  { files }: Pick<Manifest, "files">,
  read: (name: string) => Promise<unknown>,
): Promise<Artefacts> {
  const load = async <Decoded>(
    name: string,
    decode: (stored: unknown) => Decoded,
  ): Promise<Decoded | null> => (files.some((file) => file.name === name) ? decode(await read(name)) : null);
  const [peaks, thumbnails] = await Promise.all([
    load("peaks.json", decodePeaks),
    load("thumbnails.json", decodeThumbnails),
  ]);
  return { peaks, thumbnails };
}
