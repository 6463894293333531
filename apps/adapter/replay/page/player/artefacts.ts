import type { Manifest } from "#shared/archive/manifest.ts";
import { decodePeaks, type Peaks } from "./peaks.ts";
import { decodePictures, type Pictures } from "./pictures.ts";
import { decodeThumbnails, type ScreenThumbnails } from "./thumbnails.ts";

/** What was made of the media when they were archived; null where it was not. */
export interface Artefacts {
  peaks: Peaks | null;
  thumbnails: readonly ScreenThumbnails[] | null;
  /** What is listed, but cannot be had. */
  faults: readonly ArtefactFault[];
}

export type ArtefactName = "peaks.json" | "thumbnails.json" | "pictures.json";

/** A file that cannot be read, and why; without it everything else goes on. */
export interface ArtefactFault {
  name: ArtefactName;
  why: string;
}

export const NO_ARTEFACTS: Artefacts = { peaks: null, thumbnails: null, faults: [] };

/** Gives a JSON file of the interaction. */
type Read = (name: string) => Promise<unknown>;

export async function loadArtefacts(listed: Pick<Manifest, "files">, read: Read): Promise<Artefacts> {
  const [peaks, thumbnails] = await Promise.all([
    load(listed, read, "peaks.json", decodePeaks),
    load(listed, read, "thumbnails.json", decodeThumbnails),
  ]);
  const faults = [peaks, thumbnails].flatMap(({ fault }) => fault ?? []);
  return { peaks: peaks.decoded, thumbnails: thumbnails.decoded, faults };
}

/** When the pictures begin; only who steps through them needs it. */
export function loadPictures(listed: Pick<Manifest, "files">, read: Read): Promise<Loaded<Pictures>> {
  return load(listed, read, "pictures.json", decodePictures);
}

/** Nothing decoded and no fault: the interaction has no such file. */
interface Loaded<Decoded> {
  decoded: Decoded | null;
  fault: ArtefactFault | null;
}

async function load<Decoded>(
  { files }: Pick<Manifest, "files">,
  read: Read,
  name: ArtefactName,
  decode: (stored: unknown) => Decoded,
): Promise<Loaded<Decoded>> {
  if (!files.some((file) => file.name === name)) return { decoded: null, fault: null };
  try {
    return { decoded: decode(await read(name)), fault: null };
  } catch (error) {
    return { decoded: null, fault: { name, why: error instanceof Error ? error.message : String(error) } };
  }
}
