import type { Readable } from "node:stream";
import type { EpochMs } from "#shared/time/units.ts";

/** What lies at a place of an archive. Buckets have files only; a folder is told when nothing is in it. */
export interface StoredEntry {
  /** Relative to the archive's root, with slashes. */
  place: string;
  kind: "file" | "folder" | "link" | "other";
}

/** A file of a version, as its manifest will list it. */
export interface ListedFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** Bytes of a file, both ends included, as HTTP counts them. */
export interface ByteRange {
  from: number;
  to: number;
}

/**
 * Where an archive lies: a folder or a bucket. What was written is durable when the call resolves, and a file is there
 * whole or not at all. Places that do not exist are null, never an error.
 */
export interface ArchiveStorage extends AsyncDisposable {
  /** The root as people name it: an absolute folder, or `s3://bucket/prefix`. */
  readonly root: string;
  /** A place as people name it. */
  locate(place: string): string;
  /**
   * Everything that is there, ordered so that what lies below one place comes in one piece.
   *
   * @param options - `under`: only below this place. `after`: only what comes after this place and what is below it.
   */
  walk(options?: { under?: string; after?: string }): AsyncIterable<StoredEntry>;
  /** All of a small file. */
  read(place: string): Promise<Buffer | null>;
  /** In bytes. */
  size(place: string): Promise<number | null>;
  /** The bytes of a file from its storage; the reader destroys the stream if it does not read to the end. */
  open(place: string, range?: ByteRange): Promise<Readable | null>;
  /** Writes a file that is never changed again. */
  add(place: string, content: string): Promise<void>;
  /** Writes a file in place of the one before. */
  replace(place: string, content: string): Promise<void>;
  /** An empty folder on this machine for a version's files; what a crash may have left at the version's place is gone. */
  draft(versionPlace: string): Promise<string>;
  /**
   * Brings a version's files from its draft to its place. The version counts only with its manifest, which comes after.
   *
   * @throws when a file is not what was listed.
   */
  publish(versionPlace: string, draft: string, files: readonly ListedFile[]): Promise<void>;
  /** Deletes all below a place for good, also what the storage keeps of earlier states. */
  erase(place: string): Promise<void>;
  /** Until when the storage itself refuses to delete a file; null: it does not. */
  lockedUntil(place: string): Promise<EpochMs | null>;
}
