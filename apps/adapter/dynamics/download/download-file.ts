import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { backoffMs, jittered } from "#shared/loop/backoff.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { askedPauseMs, DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { CONNECT_TIMEOUT_MS } from "#shared/dataverse/no-answer.ts";
import { BY_BLOCKS } from "./by-blocks.ts";
import { BY_LINK } from "./by-link.ts";
import { BY_VALUE } from "./by-value.ts";
import { brokenOff, type FileWay, type RemoteFile, type WayOptions } from "./file-way.ts";
import { type DownloadedFile, PartialFile } from "./partial-file.ts";

/** In the order in which Microsoft recommends them. */
const WAYS: readonly FileWay[] = [BY_LINK, BY_VALUE, BY_BLOCKS];
/** Tries of one way that bring no byte before the next way is taken; each byte that comes is worth another try. */
const FRUITLESS_TRIES = 3;
const RETRY = { firstMs: 200, mostMs: 5_000 };
const IDLE_MS = 30_000;
/** Dataverse's word for a row or a file that is not there. */
const NOT_THERE = "0x80040217";

export interface DownloadOptions {
  client: DataverseClient;
  log: Log;
  signal: AbortSignal;
  /** How long the storage may take to accept a connection; default 10 s, which is also Dataverse's own. */
  connectMs?: DurationMs;
  /** How long nothing may come before a try is given up; default 30 s. */
  idleMs?: DurationMs;
}

/**
 * Fetches a file of a recording to the disk, going on where an earlier try, also of another process, ended. What breaks off
 * goes on by itself; where one way does not give the file another one may.
 *
 * @param path - of the new file; on return it is complete, checked and flushed. After an error it holds what came so far.
 * @returns null when the row has no such file, or is gone.
 * @throws DataverseError when no way gives it now; `retryAfterMs` when Dynamics asks for a pause.
 */
export async function downloadFile(
  file: RemoteFile,
  path: string,
  { connectMs = CONNECT_TIMEOUT_MS, idleMs = IDLE_MS, log, ...rest }: DownloadOptions,
): Promise<DownloadedFile | null> {
  const options = { connectMs, idleMs, ...rest };
  await using partial = await PartialFile.open(path, file.fileId);
  const failures: DataverseError[] = [];
  for (const way of WAYS) {
    try {
      await readBy(way, file, partial, options);
      return await partial.finish();
    } catch (error) {
      if (!(error instanceof DataverseError) || askedPauseMs(error) !== null || options.signal.aborted)
        throw error;
      if (error.code === NOT_THERE) return null;
      failures.push(error);
      const facts = { sourceId: file.sourceId, column: file.column, bytes: partial.bytes };
      log.warn({ ...facts, way: way.name, reason: describeError(error) }, "file not to be had this way");
    }
  }
  const [first] = failures;
  const { status = null, code = "NO_ANSWER" } = first ?? {};
  const found = failures.map((error, index) => `${WAYS[index]?.name}: ${describeError(error)}`).join("; ");
  const message = `${file.column} of recording ${file.sourceId} is not to be had (${partial.bytes} bytes are here): ${found}`;
  throw new DataverseError(code, message, { status }, { cause: first });
}

/** @throws DataverseError the last failure, when this way gives the file not at all or nothing more of it. */
async function readBy(
  way: FileWay,
  file: RemoteFile,
  partial: PartialFile,
  options: WayOptions,
): Promise<void> {
  let fruitless = 0;
  let changes = 0;
  while (!partial.isComplete) {
    const before = partial.bytes;
    try {
      await way.read(file, partial, options);
      if (partial.isComplete) return;
      throw brokenOff(new Error("the answer ended"), partial.bytes);
    } catch (error) {
      // The disk's errors are nothing that another try mends.
      if (!(error instanceof DataverseError)) throw error;
      if (error.code === "FILE_CHANGED" && changes < FRUITLESS_TRIES) {
        changes += 1;
        await partial.restart();
        continue;
      }
      fruitless = partial.bytes > before ? 1 : fruitless + 1;
      if (error.code === "SIZE_MISMATCH") await partial.restart();
      if (options.signal.aborted || askedPauseMs(error) !== null) throw error;
      if (fruitless >= FRUITLESS_TRIES || isRefusal(error)) throw error;
    }
    await sleep(jittered(backoffMs(fruitless, RETRY), Math.random()), undefined, {
      signal: options.signal,
    }).catch(() => undefined);
    if (options.signal.aborted) {
      throw new DataverseError("NO_ANSWER", "the download was ended", { status: null });
    }
  }
}

/** What another try of the same way does not change. A link's 403 may be that it has expired. */
function isRefusal({ status, code }: DataverseError): boolean {
  if (status === null || status < 400 || status >= 500 || code === "FILE_CHANGED") return false;
  return ![403, 408, 425, 429].includes(status) || code.startsWith("0x");
}
