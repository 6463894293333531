import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Request, Response } from "express";
import { HttpProblem } from "#shared/http/problem.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { ArchivedFile } from "../archive/catalogue.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".mp4": "video/mp4",
  ".webm": "video/webm",
  ".mkv": "video/x-matroska",
  ".m4a": "audio/mp4",
  ".opus": "audio/ogg",
  ".ogg": "audio/ogg",
  ".mp3": "audio/mpeg",
  ".wav": "audio/wav",
  ".json": "application/json",
  ".jpg": "image/jpeg",
};

/**
 * Answers with a file's bytes, or with the part that `Range` asks for (RFC 9110; of several ranges that do not touch the
 * whole file is sent, which the RFC allows). The ETag is the manifest's sha256, so a browser never mixes two versions.
 *
 * @throws HttpProblem 416 for a range outside the file, 500 when the archive does not have what its manifest lists.
 */
export async function sendArchivedFile(
  request: Request,
  response: Response,
  file: ArchivedFile,
): Promise<void> {
  await requireIntact(request, file);
  response.set({
    "Content-Type": CONTENT_TYPES[extname(file.path).toLowerCase()] ?? "application/octet-stream",
    // The next version of the interaction may have another file of this name, so it is asked for again by its ETag.
    "Cache-Control": "private, no-cache",
    ETag: `"${file.sha256}"`,
  });
  await new Promise<void>((resolve, reject) => {
    response.sendFile(
      file.path,
      // The archive may lie below a folder with a dot in front; the path is the catalogue's, never the client's.
      { dotfiles: "allow", cacheControl: false, etag: false, lastModified: false },
      (error?: Error) => {
        if (error === undefined || isClientGone(error)) resolve();
        else reject(toProblem(error, file));
      },
    );
  });
}

async function requireIntact(request: Request, file: ArchivedFile): Promise<void> {
  const found = await stat(file.path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  });
  if (found?.size === file.bytes) return;
  const what = found === null ? "is missing" : `has ${found.size} bytes instead of ${file.bytes}`;
  throw new HttpProblem(
    500,
    `${request.path}: the file ${what} in the archive; \`npm run verify\` lists every such fault`,
  );
}

/** A player that seeks breaks off the answer it no longer wants. */
function isClientGone(error: Error): boolean {
  return (
    isSystemError(error, "ECONNABORTED") ||
    isSystemError(error, "EPIPE") ||
    isSystemError(error, "ECONNRESET")
  );
}

function toProblem(error: Error, file: ArchivedFile): Error {
  const status = "status" in error ? error.status : undefined;
  if (status !== 416) return error;
  return new HttpProblem(416, `the range lies outside the file's ${file.bytes} bytes`, {
    cause: error,
    headers: { "Content-Range": `bytes */${file.bytes}` },
  });
}
