import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

const READ_BACK_BYTES = 256 * 1024;

/** Writes all parts one after the other from `position` on. @returns how many bytes that were. */
export async function writeAll(
  handle: FileHandle,
  parts: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let rest = [...parts];
  let written = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, position + written);
    written += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
  return written;
}

/** What remains after a write that was cut short. */
function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left < part.byteLength) rest.push(part.subarray(left));
    left = Math.max(0, left - part.byteLength);
  }
  return rest;
}

/** The digest of what the disk says, not of what was sent to it. */
export async function readBack(handle: FileHandle): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(READ_BACK_BYTES);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
    hash.update(chunk.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}
