import { once } from "node:events";
import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { DataverseError, readRefusal } from "#shared/dataverse/dataverse-error.ts";
import { ConnectTimeoutError, noAnswer } from "#shared/dataverse/no-answer.ts";
import { IdleLimit } from "#shared/loop/idle-limit.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type FileWay, readContentRange, type RemoteFile, type WayOptions, writeBody } from "./file-way.ts";
import type { PartialFile } from "./partial-file.ts";

/** The Web API reference and Microsoft's samples differ in whether the answer is wrapped. */
const linkSchema = z.object({ FileSizeInBytes: z.number().int().nonnegative(), SasUrl: z.url() });
const answerSchema = z.union([
  z.object({ Result: linkSchema }).transform((answer) => answer.Result),
  linkSchema,
]);

/**
 * `GetFileSasUrl` gives a link that is good for an hour, and the file is read from there, straight from the storage and
 * without our token (Microsoft, "Grant limited access to files using shared access signatures"). Each try asks for a link
 * of its own: one that has expired meanwhile costs nothing.
 */
export const BY_LINK: FileWay = {
  name: "GetFileSasUrl",
  async read(
    file: RemoteFile,
    into: PartialFile,
    { client, connectMs, idleMs, signal }: WayOptions,
  ): Promise<void> {
    const target = encodeURIComponent(`{'@odata.id':'msdyn_ocrecordings(${file.sourceId})'}`);
    const call = `GetFileSasUrl(Target=@p1,FileAttributeName='${file.column}')?@p1=${target}`;
    const link = await client.read(call, answerSchema, signal);
    await into.expect({ size: link.FileSizeInBytes, etag: null, md5: null });
    if (into.isComplete) return;
    using limit = new IdleLimit(signal, idleMs);
    const response = await ask(link.SasUrl, into, { connectMs, signal: limit.signal });
    limit.touch();
    const { statusCode: status = 0, headers } = response;
    if (status === 412 || status === 416) {
      response.destroy();
      throw new DataverseError("FILE_CHANGED", "its link has another file now", { status });
    }
    if (status !== 200 && status !== 206) throw await readLinkRefusal(response, status);
    const range = readContentRange(status, headers["content-range"] ?? null);
    await into.expect({
      size: range?.size ?? link.FileSizeInBytes,
      etag: headers.etag ?? null,
      md5: oneOf(headers[range === null ? "content-md5" : "x-ms-blob-content-md5"]),
    });
    await writeBody(response, range?.from ?? 0, into, () => limit.touch());
  },
};

/**
 * With Node's own client, whose buffers are given back sooner than those of `fetch`: half a gigabyte goes through here.
 *
 * @throws DataverseError `NO_ANSWER`
 */
async function ask(
  url: string,
  into: PartialFile,
  { connectMs, signal }: { connectMs: DurationMs; signal: AbortSignal },
): Promise<IncomingMessage> {
  const headers = {
    ...(into.bytes > 0 && { Range: `bytes=${into.bytes}-` }),
    ...(into.bytes > 0 && into.etag !== null && { "If-Match": into.etag }),
  };
  try {
    const isSecure = url.startsWith("https:");
    const request = (isSecure ? https : http).get(url, { headers, signal });
    limitConnecting(request, isSecure ? "secureConnect" : "connect", connectMs);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return response;
  } catch (cause) {
    throw noAnswer(url, cause);
  }
}

/** Node's own client waits as long as the system does, which is minutes, for a host that takes no connection. */
function limitConnecting(
  request: ClientRequest,
  connected: "connect" | "secureConnect",
  connectMs: DurationMs,
): void {
  request.once("socket", (socket) => {
    if (request.reusedSocket) return;
    const timer = setTimeout(() => request.destroy(new ConnectTimeoutError(connectMs)), connectMs);
    for (const event of [connected, "close"]) socket.once(event, () => clearTimeout(timer));
  });
}

async function readLinkRefusal(answer: IncomingMessage, status: number): Promise<DataverseError> {
  const body = await text(answer).catch(() => "");
  const retryAfter = answer.headers["retry-after"];
  const headers = {
    ...(retryAfter !== undefined && { "Retry-After": retryAfter }),
    ...(answer.headers.date !== undefined && { Date: answer.headers.date }),
  };
  return readRefusal("its link", new Response(body, { status, headers }));
}

function oneOf(header: string | string[] | undefined): string | null {
  return typeof header === "string" ? header : null;
}
