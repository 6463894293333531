/** What is known of the call buffer's room. */
export interface SpaceFacts {
  /** Of its file system, for this user. */
  freeBytes: number;
  /** How many files can still be made there; null: the file system does not count them. */
  freeFiles: number | null;
  /** Of all files in the call buffer; null: not measured. */
  bufferBytes: number | null;
}

/** What is to be kept. */
export interface SpaceLimits {
  /** Free bytes of the file system that captures must leave. */
  reserveBytes: number;
  /** Bytes that the call buffer may have; null: as many as there are. */
  quotaBytes: number | null;
}

/** Limits as they are configured, in MiB; a quota of null or 0 is none. */
export function spaceLimits(config: { reserveMb: number; quotaMb: number | null }): SpaceLimits {
  const { reserveMb, quotaMb } = config;
  return {
    reserveBytes: reserveMb * MIB,
    quotaBytes: quotaMb === null || quotaMb === 0 ? null : quotaMb * MIB,
  };
}

/** Why nothing can be captured, and from what on it can be again. */
export interface SpaceShortage {
  kind: "reserve" | "quota" | "files";
  found: number;
  /** What `found` has passed. */
  limit: number;
  /** What `found` has to reach again: further off than the limit, so that captures do not stop and go. */
  goesOnAt: number;
}

const MIB = 1_048_576;
/** What has to come back beyond a limit, as a share of it: minutes of some captures. */
const MARGIN = 0.1;
/** A file for each of a few hundred open tracks, so that what is under way can be finished. */
const RESERVE_FILES = 500;

/**
 * Finds what there is too little of; null when captures may run.
 *
 * @param isShort - there was too little a moment ago: then the limits are those from which on captures go on.
 */
export function findShortage(facts: SpaceFacts, limits: SpaceLimits, isShort: boolean): SpaceShortage | null {
  const { freeBytes, freeFiles, bufferBytes } = facts;
  const { reserveBytes, quotaBytes } = limits;
  const enough = reserveBytes + Math.round(reserveBytes * MARGIN);
  if (freeBytes < (isShort ? enough : reserveBytes))
    return { kind: "reserve", found: freeBytes, limit: reserveBytes, goesOnAt: enough };
  // Who keeps no reserve of bytes keeps none of files either.
  const enoughFiles = RESERVE_FILES + Math.round(RESERVE_FILES * MARGIN);
  if (reserveBytes > 0 && freeFiles !== null && freeFiles < (isShort ? enoughFiles : RESERVE_FILES))
    return { kind: "files", found: freeFiles, limit: RESERVE_FILES, goesOnAt: enoughFiles };
  if (quotaBytes === null || bufferBytes === null) return null;
  const little = quotaBytes - Math.round(quotaBytes * MARGIN);
  if (bufferBytes <= (isShort ? little : quotaBytes)) return null;
  return { kind: "quota", found: bufferBytes, limit: quotaBytes, goesOnAt: little };
}
