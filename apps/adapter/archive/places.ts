import type { EpochMs } from "#shared/time/units.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";

// A place is a path in the archive: relative to its root, with slashes on every machine.

/** Written last; a version without it is unfinished. */
export const MANIFEST_FILE = "manifest.json";
/** The public keys, in the archive's root. */
export const PUBLIC_KEY_FILE = "signing-key.pem";
/** Where the chain's entries that are no manifests are, in the archive's root. */
export const CHAIN_FOLDER = "chain";
export const CHAIN_HEAD_PLACE = `${CHAIN_FOLDER}/head.json`;

/** What each level above the versions is called: year, month, day, interaction. */
export const INTERACTION_LEVELS = [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^[a-z0-9-]{1,64}$/] as const;
export const VERSION_FOLDER = /^v[1-9]\d*$/;

/** The file of a chain entry that is no manifest. */
export function chainEntryPlace(sequence: number): string {
  return `${CHAIN_FOLDER}/${String(sequence).padStart(12, "0")}.json`;
}

/** Where an interaction lies: by the UTC date of its first version's start, for ever. */
export function interactionPlace(interactionId: string, startedAt: EpochMs): string {
  return [...formatInstant(startedAt).slice(0, 10).split("-"), interactionId].join("/");
}

export function versionPlace(interaction: string, version: number): string {
  return `${interaction}/v${version}`;
}

/** The version's number, of the last name of its place. */
export function versionOf(place: string): number {
  return Number(place.slice(place.lastIndexOf("/") + 2));
}

/** The place that this one lies in. */
export function placeAbove(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf("/")));
}
