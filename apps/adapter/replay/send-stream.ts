import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import { isSystemError } from "#shared/runtime/errors.ts";

/**
 * Sends all of a stream, and closes it whatever happens. That whoever asked breaks off is no error: a player that seeks does
 * so all the time.
 */
export async function sendStream(response: Response, stream: Readable): Promise<void> {
  // Broken off while the stream was opened: nothing is piped into what has gone, so nothing would close it.
  if (response.destroyed) {
    stream.destroy();
    return;
  }
  await pipeline(stream, response).catch((error: unknown) => {
    if (!isSystemError(error, "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  });
}
