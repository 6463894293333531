import type { Manifest } from "#shared/archive/manifest.ts";
import { decodePeaks, type Peaks } from "./peaks.ts";
import { decodeThumbnails, type ScreenThumbnails } from "./thumbnails.ts";

/** What was made of the media when they were archived; null where it was not. */
export interface Artefacts {
  peaks: Peaks | null;
  thumbnails: readonly ScreenThumbnails[] | null;
  /** What is listed, but cannot be had. */
  faults: readonly ArtefactFault[];
}

/** A file that cannot be read, and why; without it everything else goes on. */
interface ArtefactFault {
  name: string;
  why: string;
}

export const NO_ARTEFACTS: Artefacts = { peaks: null, thumbnails: null, faults: [] };

/** @param read - gives a JSON file of the interaction. */
export async function loadArtefacts(
  { files }: Pick<Manifest, "files">,
  read: (name: string) => Promise<unknown>,
): Promise<Artefacts> {
  const faults: ArtefactFault[] = [];
  const load = async <Decoded>(
    name: string,
    decode: (stored: unknown) => Decoded,
  ): Promise<Decoded | null> => {
    if (!files.some((file) => file.name === name)) return null;
    try {
      return decode(await read(name));
    } catch (error) {
      faults.push({ name, why: error instanceof Error ? error.message : String(error) });
      return null;
    }
  };
  const [peaks, thumbnails] = await Promise.all([
    load("peaks.json", decodePeaks),
    load("thumbnails.json", decodeThumbnails),
  ]);
  return { peaks, thumbnails, faults };
}
