import type { Request, RequestHandler, Response } from "express";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import type { BlobLinks } from "./blob-links.ts";

const FAULTS = {
  signature: "Signature did not match.",
  expired: "Signature not valid in the specified time frame.",
} as const;

/**
 * Serves blobs by signed link, whole or by `Range`, as Azure Storage does: anonymous only. A bearer token on top of the
 * signature is refused with 400 `InvalidAuthenticationInfo`, which also catches a client that leaks its token.
 */
export function blobEndpoint(store: DataverseStore, links: BlobLinks): RequestHandler {
  return (request: Request, response: Response) => {
    if (request.get("Authorization") !== undefined) {
      const detail =
        "Authentication information is not given in the correct format. Check the value of Authorization header.";
      sendFault(response, 400, "InvalidAuthenticationInfo", detail);
      return;
    }
    const fileId = String(request.params["fileId"]);
    const fault = links.faultOf(fileId, new URL(request.url, "http://simulator").searchParams);
    if (fault !== null) {
      sendFault(
        response,
        403,
        "AuthenticationFailed",
        `Server failed to authenticate the request. ${FAULTS[fault]}`,
      );
      return;
    }
    const file = store.file(fileId);
    if (file === undefined) {
      sendFault(response, 404, "BlobNotFound", "The specified blob does not exist.");
      return;
    }
    const etag = `"0x${file.id.replaceAll("-", "").slice(0, 16).toUpperCase()}"`;
    response.set({ "Accept-Ranges": "bytes", ETag: etag });
    // Express' own set() would add a charset to JSON; a blob has the type that it was stored with.
    response.setHeader("Content-Type", file.mimeType);
    sendBytes(request, response, file.bytes);
  };
}

function sendBytes(request: Request, response: Response, bytes: Uint8Array): void {
  const header = request.get("Range");
  // Several ranges, or a unit other than bytes: Azure Storage answers with the whole blob.
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined) {
    response.status(200).end(Buffer.from(bytes));
    return;
  }
  const last = Math.min(to ? Number(to) : Number.POSITIVE_INFINITY, bytes.byteLength - 1);
  if (Number(from) > last) {
    response.set("Content-Range", `bytes */${bytes.byteLength}`);
    sendFault(
      response,
      416,
      "InvalidRange",
      "The range specified is invalid for the current size of the resource.",
    );
    return;
  }
  response.status(206).set("Content-Range", `bytes ${from}-${last}/${bytes.byteLength}`);
  response.end(Buffer.from(bytes.subarray(Number(from), last + 1)));
}

function sendFault(response: Response, status: number, code: string, message: string): void {
  response.status(status).set("x-ms-error-code", code).type("application/xml");
  response.send(
    `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
