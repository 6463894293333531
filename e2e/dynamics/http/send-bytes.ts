import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Request, Response } from "express";
import type { FileBytes } from "../dataverse/dataverse-store.ts";
import type { BlobRule } from "../faults/fault-settings.ts";

/** How much is made and sent at a time; a large file is never held. */
const PIECE_BYTES = 1 << 20;
/** From the last byte to the cut. */
const CUT_AFTER_MS = 100;

/** What of a file a request asks for: from one byte to before another. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The one range of a `Range` header.
 *
 * @returns the whole file when there is none that is understood (several ranges, other units), as Azure Storage does; null
 *   when it begins past the file's end.
 */
export function readRange(request: Request, size: number): (ByteRange & { readonly isPart: boolean }) | null {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(request.get("Range") ?? "") ?? [];
  if (from === undefined) return { from: 0, to: size, isPart: false };
  const to = Math.min(last ? Number(last) + 1 : size, size);
  return Number(from) < to ? { from: Number(from), to, isPart: true } : null;
}

/** Sends bytes of a file as a body, spoiled as the rule says. */
export async function sendBytes(
  response: Response,
  bytes: FileBytes,
  { from, to }: ByteRange,
  rule: BlobRule | null,
): Promise<void> {
  response.setHeader("Content-Length", to - from);
  const cutAt = rule?.fault === "torn" || rule?.fault === "stalled" ? from + rule.afterBytes : to;
  const corruptAt = rule?.fault === "corrupt" ? from + rule.afterBytes : -1;
  for (let at = from; at < Math.min(cutAt, to) && !response.destroyed; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, cutAt, to);
    const isSpoiled = corruptAt >= at && corruptAt < end;
    const piece = isSpoiled ? Buffer.from(bytes.subarray(at, end)) : bytes.subarray(at, end);
    if (isSpoiled) piece[corruptAt - at] = (piece[corruptAt - at] ?? 0) ^ 0xff;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  if (cutAt >= to) response.end();
  else if (rule?.fault === "stalled") response.flushHeaders();
  else {
    // A reader throws away what it has not looked at yet when the connection ends.
    await sleep(CUT_AFTER_MS);
    response.destroy();
  }
}
