import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { IdleLimit } from "#shared/loop/idle-limit.ts";
import { type FileWay, readContentRange, type RemoteFile, type WayOptions, writeBody } from "./file-way.ts";
import type { PartialFile } from "./partial-file.ts";

/** What Dataverse gives of a file at a time (`x-ms-chunk-size`). */
export const CHUNK_BYTES = 4_194_304;

/**
 * `GET …/column/$value` in ranges, through the Web API itself (Microsoft, "Use file column data"): for environments that
 * give no links, and networks that do not reach the storage.
 */
export const BY_VALUE: FileWay = {
  name: "$value",
  async read(file: RemoteFile, into: PartialFile, { client, idleMs, signal }: WayOptions): Promise<void> {
    const path = `msdyn_ocrecordings(${file.sourceId})/${file.column}/$value`;
    while (!into.isComplete) {
      using limit = new IdleLimit(signal, idleMs);
      const Range = `bytes=${into.bytes}-${into.bytes + CHUNK_BYTES - 1}`;
      const asked = { path, headers: { Accept: "*/*", Range } };
      await client.readBytes(asked, limit.signal, async (response) => {
        limit.touch();
        const range = readContentRange(response.status, response.headers.get("Content-Range"));
        await into.expect({ size: range?.size ?? readSize(response), etag: null, md5: null });
        await writeBody(response.body, range?.from ?? 0, into, () => limit.touch());
      });
    }
  },
};

function readSize({ status, headers }: Response): number {
  const text = headers.get("x-ms-file-size") ?? headers.get("Content-Length") ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  throw new DataverseError("BAD_ANSWER", "a file was answered without its size", { status });
}
