import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "#shared/runtime/subprocess.ts";

/** Goes with node_modules when that is made anew. */
const MADE = fileURLToPath(new URL("../../../node_modules/.cache/made-media", import.meta.url));

let version: Promise<string> | null = null;

/**
 * Has ffmpeg make a file by arguments that alone decide what is in it. It is made once for each version of ffmpeg, and
 * copied from there on, whichever test asks for it.
 *
 * @param path - where it is to be; its ending counts as an argument.
 */
export async function makeOnce(path: string, args: readonly string[]): Promise<void> {
  version ??= run("ffmpeg", ["-version"]).then((text) => text.toString());
  const ending = extname(path);
  const key = createHash("sha256")
    .update(JSON.stringify([await version, args, ending]))
    .digest("hex");
  const made = join(MADE, `${key}${ending}`);
  if (await isCopied(made, path)) return;
  await mkdir(MADE, { recursive: true });
  // Under a name of its own until it is whole: others may be making the same.
  const draft = join(MADE, `${randomUUID()}${ending}`);
  try {
    await run("ffmpeg", ["-v", "error", ...args, draft]);
    await copyFile(draft, path);
    await rename(draft, made);
  } finally {
    await rm(draft, { force: true });
  }
}

async function isCopied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
