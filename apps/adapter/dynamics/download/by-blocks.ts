import { z } from "zod";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { IdleLimit } from "#shared/loop/idle-limit.ts";
import { CHUNK_BYTES } from "./by-value.ts";
import { decodeData } from "./decode-data.ts";
import { type FileWay, type RemoteFile, type WayOptions, writeBody } from "./file-way.ts";
import type { PartialFile } from "./partial-file.ts";

const beginningSchema = z.object({
  FileSizeInBytes: z.number().int().nonnegative(),
  FileContinuationToken: z.string().min(1),
});

/** The actions `InitializeFileBlocksDownload` and `DownloadBlock` (Microsoft, "Use file column data"), the oldest way. */
export const BY_BLOCKS: FileWay = {
  name: "DownloadBlock",
  async read(file: RemoteFile, into: PartialFile, { client, idleMs, signal }: WayOptions): Promise<void> {
    const Target = {
      msdyn_ocrecordingid: file.sourceId,
      "@odata.type": "Microsoft.Dynamics.CRM.msdyn_ocrecording",
    };
    const begin = { Target, FileAttributeName: file.column };
    const beginning = await client.act("InitializeFileBlocksDownload", begin, beginningSchema, signal);
    const { FileSizeInBytes: size, FileContinuationToken } = beginning;
    await into.expect({ size, etag: null, md5: null });
    while (!into.isComplete) {
      using limit = new IdleLimit(signal, idleMs);
      const from = into.bytes;
      const BlockLength = Math.min(CHUNK_BYTES, size - from);
      const body = { Offset: from, BlockLength, FileContinuationToken };
      await client.readBytes({ path: "DownloadBlock", body }, limit.signal, async (response) => {
        await writeBody(decodeData(response.body ?? []), from, into, () => limit.touch());
      });
      if (into.bytes === from) throw new DataverseError("BAD_ANSWER", "a block is empty", { status: 200 });
    }
  },
};
