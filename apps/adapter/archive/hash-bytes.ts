import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";

interface Hashed {
  bytes: number;
  sha256: string;
}

/** Length and sha256 of a file on this machine, without holding it. */
export function hashFile(path: string): Promise<Hashed> {
  return hashStream(createReadStream(path, { highWaterMark: 1 << 20 }));
}

/** Length and sha256 of all that a stream has. */
export async function hashStream(stream: Readable): Promise<Hashed> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream) {
    const data = chunk as Buffer;
    hash.update(data);
    bytes += data.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
