import { type FileHandle, mkdir, mkdtemp, open, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSystemError } from "#shared/runtime/errors.ts";
import { run } from "#shared/runtime/subprocess.ts";

const CHUNK = Buffer.alloc(65_536, 1);

/** A real file system of a few MiB, mounted for a test. */
export interface SmallDisk extends AsyncDisposable {
  /** A folder in it. */
  readonly folder: string;
  /** Takes room away: so many bytes, or all that there is. */
  fill(bytes?: number): Promise<void>;
  /** Gives back what was taken. */
  empty(): Promise<void>;
}

/** Mounts one; null where this user may not (or the system cannot). `ext4` is an image in a file, with a journal. */
export async function mountSmallDisk(mib: number, type: "tmpfs" | "ext4"): Promise<SmallDisk | null> {
  const root = await mkdtemp(join(tmpdir(), "deskreel-buffer-disk-"));
  const image = `${root}.img`;
  try {
    if (type === "tmpfs") await run("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", root]);
    else {
      await run("mke2fs", ["-q", "-t", "ext4", "-m", "0", image, `${mib}m`]);
      await run("mount", ["-o", "loop", image, root]);
    }
  } catch {
    await rmdir(root);
    await rm(image, { force: true });
    return null;
  }
  const ballast = join(root, "ballast");
  const folder = join(root, "buffer");
  await mkdir(folder);
  return {
    folder,
    async fill(bytes = Number.POSITIVE_INFINITY) {
      const file = await open(ballast, "a");
      try {
        await writeUntilFull(file, bytes);
      } finally {
        await file.close();
      }
    },
    empty: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await run("umount", ["-l", root]);
      await rmdir(root);
      await rm(image, { force: true });
    },
  };
}

async function writeUntilFull(file: FileHandle, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= CHUNK.byteLength) {
    try {
      await file.write(CHUNK);
    } catch (error) {
      if (isSystemError(error, "ENOSPC")) return;
      throw error;
    }
  }
}
