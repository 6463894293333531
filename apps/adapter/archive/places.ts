import { join, sep } from "node:path";

/** Written last; a version folder without it is unfinished. */
export const MANIFEST_FILE = "manifest.json";
/** The public keys, in the archive's root. */
export const PUBLIC_KEY_FILE = "signing-key.pem";
/** The folder of the chain's entries that are no manifests, in the archive's root. */
export const CHAIN_FOLDER = "chain";
export const CHAIN_HEAD_FILE = "head.json";

/** What each level of folders above the versions is called: year, month, day, interaction. */
export const INTERACTION_LEVELS = [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^[a-z0-9-]{1,64}$/] as const;
export const VERSION_FOLDER = /^v[1-9]\d*$/;

/** The file of a chain entry that is no manifest, relative to the root. */
export function chainEntryPlace(sequence: number): string {
  return `${CHAIN_FOLDER}/${String(sequence).padStart(12, "0")}.json`;
}

/** A place in the archive (relative, with slashes whatever the machine) as a path. */
export function placePath(root: string, place: string): string {
  return join(root, ...place.split("/"));
}

/** A relative path as a place: with slashes. */
export function toPlace(relativePath: string): string {
  return relativePath.split(sep).join("/");
}
