import { open } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../archive/hash-bytes.ts";
import type { FinishedFile } from "../domain/manifest.ts";

/** Hashes and flushes a made file, while others are being made; the archive flushes all again, and finds this done. */
export async function finishFile(folder: string, name: string): Promise<FinishedFile> {
  const path = join(folder, name);
  const [hashed] = await Promise.all([hashFile(path), flush(path)]);
  return { name, ...hashed };
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
