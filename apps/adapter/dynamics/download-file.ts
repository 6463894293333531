import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { DataverseError, readRefusal } from "#shared/dataverse/dataverse-error.ts";

/** msdyn_recording holds at most 512 MiB; a link that has not delivered that by then is asked for anew. */
const DOWNLOAD_TIMEOUT_MS = 600_000;

/** The Web API reference and Microsoft's samples differ in whether the answer is wrapped. */
const sasSchema = z.object({ FileSizeInBytes: z.number().int().nonnegative(), SasUrl: z.url() });
const answerSchema = z.union([
  z.object({ Result: sasSchema }).transform((answer) => answer.Result),
  sasSchema,
]);

export interface DownloadedFile {
  bytes: number;
  sha256: string;
}

/**
 * Fetches a file column of a recording: `GetFileSasUrl` gives a link that is valid for an hour, and the link's blob is
 * read without our token, straight to the disk.
 *
 * @param path - of the new file; on return it is complete and flushed, after an error it is worthless.
 * @returns null when the row has no such file, or is gone.
 */
export async function downloadFile(
  client: DataverseClient,
  sourceId: string,
  column: "msdyn_recording" | "msdyn_recordingmetadata",
  path: string,
  signal: AbortSignal,
): Promise<DownloadedFile | null> {
  const target = encodeURIComponent(`{'@odata.id':'msdyn_ocrecordings(${sourceId})'}`);
  const call = `GetFileSasUrl(Target=@p1,FileAttributeName='${column}')?@p1=${target}`;
  const link = await client.read(call, answerSchema, signal).catch((error: unknown) => {
    if (error instanceof DataverseError && error.status === 404) return null;
    throw error;
  });
  if (link === null) return null;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  const subject = `${column} of recording ${sourceId}`;
  const hash = createHash("sha256");
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      const isTooLong = bytes > link.FileSizeInBytes;
      done(isTooLong ? sizeError(subject, bytes, link.FileSizeInBytes) : null, chunk);
    },
  });
  try {
    const response = await fetch(link.SasUrl, { signal: limit });
    if (!response.ok) throw await readRefusal(subject, response);
    if (response.body !== null) {
      await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path), { signal: limit });
    }
  } catch (cause) {
    if (cause instanceof DataverseError) throw cause;
    throw new DataverseError(
      "NO_ANSWER",
      `${subject} broke off after ${bytes} bytes`,
      { status: null },
      { cause },
    );
  }
  if (bytes !== link.FileSizeInBytes) throw sizeError(subject, bytes, link.FileSizeInBytes);
  await syncFile(path);
  return { bytes, sha256: hash.digest("hex") };
}

function sizeError(subject: string, found: number, stated: number): DataverseError {
  const message = `${subject} has ${found} bytes or more, Dynamics states ${stated}`;
  return new DataverseError("SIZE_MISMATCH", message, { status: 200 });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
