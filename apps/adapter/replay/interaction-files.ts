import { extname } from "node:path";
import type { Request, Response } from "express";
import { HttpProblem } from "#shared/http/problem.ts";
import type { ArchivedFile } from "../archive/catalogue.ts";
import type { ByteRange } from "../archive/storage/archive-storage.ts";
import type { ReplayStorage } from "./ports.ts";
import { sendStream } from "./send-stream.ts";

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
 * What a player is given at once of a range without an end. It would keep the connection for as long as it plays, and
 * browsers have six for a server (HTTP/1.1): with more screens than that, the others would wait without an end.
 */
const PLAYER_PIECE_BYTES = 2 * 1024 * 1024;

/**
 * Answers with a file's bytes, or with the part that `Range` asks for (RFC 9110; of several ranges that do not touch the
 * whole file is sent, which the RFC allows). The ETag is the manifest's sha256, so a browser never mixes two versions.
 *
 * @throws HttpProblem 416 for a range outside the file, 500 when the archive does not have what its manifest lists.
 */
export async function sendArchivedFile(
  request: Request,
  response: Response,
  storage: ReplayStorage,
  file: ArchivedFile,
): Promise<void> {
  const etag = `"${file.sha256}"`;
  // The next version of the interaction may have another file of this name, so it is asked for again by its ETag.
  response.set({ "Cache-Control": "private, no-cache", ETag: etag });
  // Before the archive is asked, which for a bucket takes longer than small files do: the browser has these very bytes.
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  response.removeHeader("ETag");
  await requireIntact(request, storage, file);
  response.set({
    "Content-Type": CONTENT_TYPES[extname(file.place).toLowerCase()] ?? "application/octet-stream",
    "Accept-Ranges": "bytes",
    ETag: etag,
  });
  const range = wantedRange(request, file);
  const { from, to } = range ?? { from: 0, to: file.bytes - 1 };
  if (range !== null) {
    response.status(206).set("Content-Range", `bytes ${from}-${to}/${file.bytes}`);
  }
  response.set("Content-Length", String(to - from + 1));
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const bytes = await storage.open(file.place, range ?? undefined);
  if (bytes === null) throw missing(request, "has gone");
  await sendStream(response, bytes);
}

/** Null: all of it. */
function wantedRange(request: Request, file: ArchivedFile): ByteRange | null {
  const known = request.headers["if-range"];
  // A date is no match either: the manifest's hash is the only word about a file's state.
  if (known !== undefined && known !== `"${file.sha256}"`) return null;
  const ranges = request.range(file.bytes, { combine: true });
  if (ranges === -1) {
    throw new HttpProblem(416, `the range lies outside the file's ${file.bytes} bytes`, {
      headers: { "Content-Range": `bytes */${file.bytes}` },
    });
  }
  if (ranges === undefined || ranges === -2 || ranges.type !== "bytes") return null;
  const [range] = ranges;
  if (range === undefined || ranges.length !== 1) return null;
  const { start: from, end: to } = range;
  // A client has to look what it was sent (RFC 9110, 15.3.7). Players do; programs that fetch the rest of a file may not.
  return isOpenEndOfPlayer(request)
    ? { from, to: Math.min(to, from + PLAYER_PIECE_BYTES - 1) }
    : { from, to };
}

/** By what browsers say of a request (Fetch Metadata): it is for a `video` or `audio` element. */
function isOpenEndOfPlayer({ headers }: Request): boolean {
  const isPlayer = headers["sec-fetch-dest"] === "video" || headers["sec-fetch-dest"] === "audio";
  return isPlayer && /^bytes=\d+-$/.test(headers.range ?? "");
}

async function requireIntact(request: Request, storage: ReplayStorage, file: ArchivedFile): Promise<void> {
  const found = await storage.size(file.place);
  if (found === file.bytes) return;
  throw missing(request, found === null ? "is missing" : `has ${found} bytes instead of ${file.bytes}`);
}

function missing(request: Request, what: string): HttpProblem {
  return new HttpProblem(
    500,
    `${request.path}: the file ${what} in the archive; \`npm run verify\` lists every such fault`,
  );
}
