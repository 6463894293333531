import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { ListedFile } from "../archive-storage.ts";

/** A file that is larger goes in parts of this size: one is held in memory, and sent again when it did not arrive. */
export const PART_BYTES = 16 * 1_024 ** 2;
/** S3's own limit. */
const PARTS_MOST = 10_000;

/** Where an object goes, and how the server shall keep it. */
export type ObjectTarget = Pick<
  CreateMultipartUploadCommandInput,
  "Bucket" | "Key" | "ServerSideEncryption" | "SSEKMSKeyId" | "ObjectLockMode" | "ObjectLockRetainUntilDate"
>;

/**
 * Uploads a file, whose bytes the server checks twice: by the hash that the request is signed with, which every S3
 * server does, and by `x-amz-checksum-sha256`, which is stored with the object where the server knows it.
 *
 * @param path - of the file on this machine.
 * @throws DeskreelError `FILE_CHANGED` when it is not what was listed; then nothing is there afterwards.
 */
export async function uploadFile(
  client: S3Client,
  target: ObjectTarget,
  path: string,
  listed: ListedFile,
): Promise<void> {
  await using file = await open(path);
  const whole = createHash("sha256");
  if (listed.bytes <= PART_BYTES) {
    const body = await readPart(file, 0, listed.bytes + 1);
    requireListed(path, listed, body.length, whole.update(body).digest("hex"));
    await uploadBytes(client, target, body);
    return;
  }
  const partBytes = Math.max(PART_BYTES, Math.ceil(listed.bytes / PARTS_MOST));
  const { Bucket, Key } = target;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: "SHA256" }),
  );
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts: CompletedPart[] = [];
    let bytes = 0;
    for (;;) {
      const body = await readPart(file, bytes, partBytes);
      if (body.length === 0) break;
      whole.update(body);
      bytes += body.length;
      const PartNumber = Parts.length + 1;
      const checksum = { ChecksumSHA256: sha256Base64(body) };
      const { ETag, ChecksumSHA256 } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body: body, ...checksum }),
      );
      // A server that knows no such checksums does not give them back, and takes none in the list of parts either.
      Parts.push({ PartNumber, ETag, ...(ChecksumSHA256 === undefined ? {} : { ChecksumSHA256 }) });
    }
    requireListed(path, listed, bytes, whole.digest("hex"));
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    // What is left of it costs money and nothing else; the reason why it failed is worth more than this one's.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** Uploads what is in memory, with the checks of {@link uploadFile}. */
export async function uploadBytes(client: S3Client, target: ObjectTarget, body: Buffer): Promise<void> {
  await client.send(new PutObjectCommand({ ...target, Body: body, ChecksumSHA256: sha256Base64(body) }));
}

async function readPart(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(part, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return part.subarray(0, filled);
}

function requireListed(path: string, listed: ListedFile, bytes: number, sha256: string): void {
  if (bytes === listed.bytes && sha256 === listed.sha256) return;
  throw new DeskreelError(
    "FILE_CHANGED",
    `${path} has ${bytes} bytes with sha256 ${sha256}; when it was made, ${listed.bytes} with ${listed.sha256}`,
  );
}

function sha256Base64(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("base64");
}
