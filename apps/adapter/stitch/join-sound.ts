import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { ADTS_HEADER_BYTES, readPacketLength } from "../domain/adts.ts";

const READ_BYTES = 256 * 1_024;

/** A file in ADTS, and which of its packets are wanted: after the first `skip` ones so many. */
export interface PieceFile {
  path: string;
  skip: number;
  keep: number;
}

/**
 * Joins the wanted packets of all pieces, as they are, into one file. Little of it is held.
 *
 * @throws DeskreelError `BAD_PIECE` when one has fewer packets than wanted, which would move all sound after it.
 */
export async function joinSound(pieces: readonly PieceFile[], output: string): Promise<void> {
  for (const piece of pieces) {
    const { start, end } = await findPackets(piece);
    const from = createReadStream(piece.path, { start, end: end - 1, highWaterMark: READ_BYTES });
    await pipeline(from, createWriteStream(output, { flags: "a" }));
  }
}

/** Where the wanted packets begin and end in the file, in bytes. */
async function findPackets({ path, skip, keep }: PieceFile): Promise<{ start: number; end: number }> {
  const file = await open(path);
  try {
    const reader = new PacketReader(file);
    const count = async (packets: number) => {
      for (let index = 0; index < packets; index += 1) {
        if (await reader.pass()) continue;
        const wanted = `its packets ${skip} to ${skip + keep - 1} are wanted`;
        throw new DeskreelError("BAD_PIECE", `${path} has no packet at byte ${reader.position}; ${wanted}`);
      }
      return reader.position;
    };
    return { start: await count(skip), end: await count(keep) };
  } finally {
    await file.close();
  }
}

/** Goes over a file's packets by their headers. */
class PacketReader {
  /** Where the next packet begins, in bytes. */
  position = 0;
  readonly #file: FileHandle;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  #bufferAt = 0;
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Passes over one packet; false when there is none. */
  async pass(): Promise<boolean> {
    if (this.position + ADTS_HEADER_BYTES > this.#bufferAt + this.#bytes) {
      this.#bufferAt = this.position;
      this.#bytes = (await this.#file.read(this.#buffer, 0, READ_BYTES, this.position)).bytesRead;
    }
    const at = this.position - this.#bufferAt;
    const length = readPacketLength(this.#buffer.subarray(at, Math.min(at + ADTS_HEADER_BYTES, this.#bytes)));
    if (length === null) return false;
    this.position += length;
    return true;
  }
}
