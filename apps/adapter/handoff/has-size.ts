import { stat } from "node:fs/promises";
import { isSystemError } from "#shared/runtime/errors.ts";

/** Whether a file is there, and has so many bytes. */
export async function hasSize(path: string, bytes: number): Promise<boolean> {
  try {
    return (await stat(path)).size === bytes;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}
