import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { PartialFile } from "./partial-file.ts";

/** A file of a recording at Dynamics. */
export interface RemoteFile {
  /** msdyn_ocrecordingid */
  sourceId: string;
  column: "msdyn_recording" | "msdyn_recordingmetadata";
  /** The column's value: the id of the file that is in it now. */
  fileId: string;
}

export interface WayOptions {
  client: DataverseClient;
  /** A storage that takes no connection for so long is given up. */
  connectMs: DurationMs;
  /** An answer that stands still for so long is given up. */
  idleMs: DurationMs;
  signal: AbortSignal;
}

/** One of the ways in which Dataverse gives out a file. */
export interface FileWay {
  readonly name: string;
  /**
   * Adds to what is here of the file until it is whole or the way breaks off.
   *
   * @throws DataverseError with a status of 4xx when the file is not to be had this way; any other may be tried again.
   */
  read(file: RemoteFile, into: PartialFile, options: WayOptions): Promise<void>;
}

/**
 * Which part of a file an answer has.
 *
 * @param header - its `Content-Range`, e.g. `bytes 0-9/1000`
 * @returns null when it is the whole file.
 */
export function readContentRange(
  status: number,
  header: string | null,
): { from: number; size: number } | null {
  if (status !== 206) return null;
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(header ?? "") ?? [];
  if (from !== undefined && size !== undefined) return { from: Number(from), size: Number(size) };
  throw new DataverseError("BAD_ANSWER", "a part was answered without Content-Range", { status: 206 });
}

/**
 * Writes a body to the file, without what is here already of it.
 *
 * @param body - its pieces are used up.
 * @param from - where in the file the body begins.
 * @param touch - is told of every piece that comes.
 */
export async function writeBody(
  body: AsyncIterable<Uint8Array> | null,
  from: number,
  into: PartialFile,
  touch: () => void,
): Promise<void> {
  if (from > into.bytes) {
    const message = `the answer begins at byte ${from}, ${into.bytes} was asked for`;
    throw new DataverseError("BAD_ANSWER", message, { status: 206 });
  }
  let skipBytes = into.bytes - from;
  for await (const chunk of fromLine(body ?? [], into)) {
    touch();
    const rest = chunk.subarray(Math.min(skipBytes, chunk.length));
    skipBytes -= chunk.length - rest.length;
    if (rest.length > 0) await into.write(rest);
    giveBack(chunk);
  }
}

/**
 * Frees a piece that nobody needs any more. The garbage collector sees only the small object around it, and would let tens
 * of megabytes of them wait.
 */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  // A view of a larger buffer shares it with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** A body whose end before its time is the line's fault, not the disk's that it is written to. */
async function* fromLine(
  body: AsyncIterable<Uint8Array> | [],
  into: PartialFile,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw brokenOff(cause, into.bytes);
  }
}

/** The line, or the one who waits, gave up. */
export function brokenOff(cause: unknown, bytes: number): DataverseError {
  return new DataverseError("NO_ANSWER", `it broke off after ${bytes} bytes`, { status: null }, { cause });
}
