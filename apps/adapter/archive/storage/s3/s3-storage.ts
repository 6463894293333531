import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { ArchiveStorage, ByteRange, ListedFile, StoredEntry } from "../archive-storage.ts";
import { StorageFailure } from "../storage-failure.ts";
import { hasNoObjectLock, isMissing, s3Failure } from "./s3-errors.ts";
import { readObject } from "./s3-object-stream.ts";
import { createS3Client, type S3Options } from "./s3-options.ts";
import type { S3Place } from "./s3-place.ts";
import { type ObjectTarget, uploadBytes, uploadFile } from "./s3-upload.ts";

const DAY_MS = 86_400_000;

/** An archive in a bucket; each file is an object whose key is the prefix and the place. */
export class S3Storage implements ArchiveStorage {
  readonly root: string;
  readonly #client: S3Client;
  readonly #place: S3Place;
  readonly #options: S3Options;
  /** For drafts; undefined where nothing is written. */
  readonly #scratch: string | undefined;

  private constructor(place: S3Place, options: S3Options, scratch: string | undefined) {
    this.#client = createS3Client(options);
    this.#place = place;
    this.#options = options;
    this.#scratch = scratch;
    this.root = `s3://${place.bucket}/${place.prefix}`.replace(/\/$/, "");
  }

  /** For reading: asks nothing yet. */
  static reader(place: S3Place, options: S3Options): S3Storage {
    return new S3Storage(place, options, undefined);
  }

  /**
   * For an adapter.
   *
   * @param scratch - the folder for versions that are being made; may be missing.
   * @throws StorageFailure when the bucket cannot be listed, or shall lock objects and cannot.
   */
  static async prepare(place: S3Place, options: S3Options, scratch: string): Promise<S3Storage> {
    const storage = new S3Storage(place, options, scratch);
    try {
      await storage.#requireLock();
      await storage.#send("list", "", (at) =>
        storage.#client.send(new ListObjectsV2Command({ ...at, MaxKeys: 1, Prefix: place.prefix })),
      );
      return storage;
    } catch (error) {
      storage.#client.destroy();
      throw error;
    }
  }

  locate(place: string): string {
    return place === "" ? this.root : `${this.root}/${place}`;
  }

  async *walk({ under = "", after = "" } = {}): AsyncGenerator<StoredEntry> {
    const Prefix = this.#key(under === "" ? "" : `${under}/`);
    // After all keys below `after` too: none is as high as this.
    const start = after === "" ? {} : { StartAfter: `${this.#key(after)}/\u{10FFFF}` };
    let more: { ContinuationToken?: string } = {};
    for (;;) {
      const page = await this.#send("list", under, ({ Bucket }) =>
        this.#client.send(new ListObjectsV2Command({ Bucket, Prefix, ...start, ...more })),
      );
      for (const { Key = "", Size } of page.Contents ?? []) {
        const place = Key.slice(this.#place.prefix.length);
        // What consoles make to show an empty folder.
        if (place.endsWith("/") && Size === 0) {
          if (place !== "/" && place !== `${under}/`) yield { place: place.slice(0, -1), kind: "folder" };
        } else yield { place, kind: "file" };
      }
      if (!page.IsTruncated || page.NextContinuationToken === undefined) return;
      more = { ContinuationToken: page.NextContinuationToken };
    }
  }

  async read(place: string): Promise<Buffer | null> {
    const stream = await this.open(place);
    return stream === null ? null : Buffer.concat(await stream.toArray());
  }

  async size(place: string): Promise<number | null> {
    return (await this.#head(place))?.ContentLength ?? null;
  }

  open(place: string, range?: ByteRange): Promise<Readable | null> {
    const get = (bytes: Partial<ByteRange>, IfMatch: string | undefined) =>
      this.#send("read", place, (at) => {
        const { from = 0, to = "" } = bytes;
        const Range = from === 0 && to === "" ? undefined : `bytes=${from}-${to}`;
        return this.#client.send(new GetObjectCommand({ ...at, Range, IfMatch }));
      }).catch(nullIfMissing);
    return readObject(get, range, (cause) => s3Failure("read", this.locate(place), cause));
  }

  async add(place: string, content: string): Promise<void> {
    await this.#send("write", place, () =>
      uploadBytes(this.#client, this.#target(place, true), Buffer.from(content)),
    );
  }

  /** Without a lock: it would keep each of the many states of one file. */
  async replace(place: string, content: string): Promise<void> {
    await this.#send("write", place, () =>
      uploadBytes(this.#client, this.#target(place, false), Buffer.from(content)),
    );
  }

  async draft(versionPlace: string): Promise<string> {
    if (this.#scratch === undefined) throw new TypeError(`${this.root} was opened for reading`);
    for await (const { place } of this.walk({ under: versionPlace })) {
      await this.#send("delete", place, (at) => this.#client.send(new DeleteObjectCommand(at)));
    }
    await this.#abortUploads(versionPlace);
    await mkdir(this.#scratch, { recursive: true });
    return await mkdtemp(join(this.#scratch, "version-"));
  }

  async publish(versionPlace: string, draft: string, files: readonly ListedFile[]): Promise<void> {
    for (const file of files) {
      const place = `${versionPlace}/${file.name}`;
      await this.#send("write", place, () =>
        uploadFile(this.#client, this.#target(place, true), join(draft, file.name), file),
      );
    }
    await rm(draft, { recursive: true });
  }

  /** With all versions that the bucket keeps: else what was deleted could still be had. */
  async erase(place: string): Promise<void> {
    let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const marker = next;
      const page = await this.#send("list the versions of", place, ({ Bucket }) =>
        this.#client.send(
          new ListObjectVersionsCommand({ Bucket, Prefix: this.#key(`${place}/`), ...marker }),
        ),
      );
      for (const { Key = "", VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        await this.#send("delete", Key.slice(this.#place.prefix.length), ({ Bucket }) =>
          this.#client.send(new DeleteObjectCommand({ Bucket, Key, VersionId })),
        );
      }
      if (!page.IsTruncated) break;
      next = { KeyMarker: page.NextKeyMarker ?? "", VersionIdMarker: page.NextVersionIdMarker ?? "" };
    }
    await this.#abortUploads(place);
  }

  async lockedUntil(place: string): Promise<EpochMs | null> {
    const head = await this.#head(place);
    if (head?.ObjectLockLegalHoldStatus === "ON") return Number.MAX_SAFE_INTEGER;
    const until = head?.ObjectLockRetainUntilDate?.getTime() ?? 0;
    return until > Date.now() ? until : null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  #head(place: string) {
    return this.#send("look at", place, (at) => this.#client.send(new HeadObjectCommand(at))).catch(
      nullIfMissing,
    );
  }

  /** Uploads that a crash broke off: nobody sees them, but they are paid for. */
  async #abortUploads(under: string): Promise<void> {
    const found = await this.#send("list the uploads of", under, ({ Bucket }) =>
      this.#client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: this.#key(`${under}/`) })),
    );
    for (const { Key, UploadId } of found.Uploads ?? []) {
      await this.#send("end an upload of", under, ({ Bucket }) =>
        this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })),
      );
    }
  }

  /** Some servers take the lock's headers and forget them. */
  async #requireLock(): Promise<void> {
    if (this.#options.objectLock === null) return;
    const found = await this.#send("ask for the Object Lock of", "", ({ Bucket }) =>
      this.#client.send(new GetObjectLockConfigurationCommand({ Bucket })),
    ).catch((error: unknown) => {
      if (error instanceof StorageFailure && hasNoObjectLock(error.cause)) return null;
      throw error;
    });
    if (found?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled") return;
    throw new StorageFailure(
      "ARCHIVE_REFUSED",
      `${this.root}: the bucket has no Object Lock; make one that has (it is chosen when a bucket is made), or leave out adapter.archive.objectLock`,
    );
  }

  #key(place: string): string {
    return `${this.#place.prefix}${place}`;
  }

  #target(place: string, isFinal: boolean): ObjectTarget {
    const { encryption, kmsKeyId, objectLock } = this.#options;
    return {
      Bucket: this.#place.bucket,
      Key: this.#key(place),
      ...(encryption === null ? {} : { ServerSideEncryption: encryption }),
      ...(kmsKeyId === null ? {} : { SSEKMSKeyId: kmsKeyId }),
      ...(objectLock === null || !isFinal
        ? {}
        : {
            ObjectLockMode: objectLock.mode,
            ObjectLockRetainUntilDate: new Date(Date.now() + objectLock.days * DAY_MS),
          }),
    };
  }

  async #send<Result>(
    doing: string,
    place: string,
    ask: (at: { Bucket: string; Key: string }) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await ask({ Bucket: this.#place.bucket, Key: this.#key(place) });
    } catch (error) {
      if (isMissing(error) || isOurs(error)) throw error;
      throw s3Failure(doing, this.locate(place), error);
    }
  }
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** An error about our own files, which says all itself. */
function isOurs(error: unknown): boolean {
  return error instanceof DeskreelError && !(error instanceof StorageFailure);
}
