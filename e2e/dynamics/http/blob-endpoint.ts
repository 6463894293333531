import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { DataverseStore, FileBytes } from "../dataverse/dataverse-store.ts";
import type { Faults } from "../faults/faults.ts";
import { subjectOf } from "../faults/http-faults.ts";
import type { BlobLinks } from "./blob-links.ts";
import { readRange, sendBytes } from "./send-bytes.ts";

const FAULTS = {
  signature: "Signature did not match.",
  expired: "Signature not valid in the specified time frame.",
} as const;

/** The MD5 of what is larger would take longer than it is worth; Azure Storage too has none of blobs put in blocks. */
const MD5_MOST_BYTES = 64 << 20;

/**
 * Serves blobs by signed link, whole or by `Range`, as Azure Storage does (learn.microsoft.com, "Get Blob"): anonymous only. A bearer token on top of the
 * signature is refused with 400 `InvalidAuthenticationInfo`, which also catches a client that leaks its token.
 */
export function blobEndpoint(store: DataverseStore, links: BlobLinks, faults: Faults): RequestHandler {
  return async (request: Request, response: Response) => {
    if (request.get("Authorization") !== undefined) {
      const detail =
        "Authentication information is not given in the correct format. Check the value of Authorization header.";
      sendFault(response, 400, "InvalidAuthenticationInfo", detail);
      return;
    }
    const rule = faults.take("blob", subjectOf(request));
    if (rule?.fault === "unreachable") {
      response.destroy();
      return;
    }
    const fileId = String(request.params["fileId"]);
    const fault =
      rule?.fault === "expired"
        ? "expired"
        : links.faultOf(fileId, new URL(request.url, "http://simulator").searchParams);
    const isRefused = rule?.fault === "forbidden" || rule?.fault === "unavailable";
    if (isRefused) {
      const [status, code] =
        rule.fault === "forbidden" ? ([401, "Unauthorized"] as const) : ([503, "ServerBusy"] as const);
      sendFault(response, status, code, "Spoiled by a rule of the simulator.");
      return;
    }
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
    const wanted = request.get("If-Match");
    if (wanted !== undefined && wanted !== "*" && wanted !== etag) {
      sendFault(
        response,
        412,
        "ConditionNotMet",
        "The condition specified using HTTP conditional header(s) is not met.",
      );
      return;
    }
    response.set({ "Accept-Ranges": "bytes", ETag: etag });
    // Express' own set() would add a charset to JSON; a blob has the type that it was stored with.
    response.setHeader("Content-Type", file.mimeType);
    const size = file.bytes.byteLength;
    const range = readRange(request, size);
    if (range === null) {
      response.set("Content-Range", `bytes */${size}`);
      const detail = "The range specified is invalid for the current size of the resource.";
      sendFault(response, 416, "InvalidRange", detail);
      return;
    }
    const md5 = md5Of(file.bytes);
    if (md5 !== null) response.set(range.isPart ? "x-ms-blob-content-md5" : "Content-MD5", md5);
    response.status(range.isPart ? 206 : 200);
    if (range.isPart) response.set("Content-Range", `bytes ${range.from}-${range.to - 1}/${size}`);
    await sendBytes(response, file.bytes, range, rule);
  };
}

function md5Of(bytes: FileBytes): string | null {
  if (bytes.byteLength > MD5_MOST_BYTES) return null;
  return createHash("md5").update(bytes.subarray(0, bytes.byteLength)).digest("base64");
}

function sendFault(response: Response, status: number, code: string, message: string): void {
  response.status(status).set("x-ms-error-code", code).type("application/xml");
  response.send(
    `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
