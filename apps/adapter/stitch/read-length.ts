import { open } from "node:fs/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { LENGTH_HEAD_BYTES, readMediaLength } from "../domain/media-length.ts";

/**
 * A finished file's length as players show it, in whole ms.
 *
 * @throws DeskreelError `NO_LENGTH` when it says none.
 */
export async function readLength(path: string): Promise<DurationMs> {
  const file = await open(path);
  try {
    const head = new Uint8Array(LENGTH_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const durationMs = readMediaLength(head.subarray(0, bytesRead));
    if (durationMs !== null) return durationMs;
    throw new DeskreelError(
      "NO_LENGTH",
      `${path} does not say in its first ${bytesRead} bytes how long it is`,
    );
  } finally {
    await file.close();
  }
}
