/**
 * `node download-main.ts CONFIG PATH SMALL_SOURCE_ID SMALL_FILE_ID SOURCE_ID FILE_ID`: fetches a small recording and then a
 * large one, as an adapter does that has been running, in a process of its own (without small ids: the large one at once, as
 * after a start); prints of the large one `{bytes, sha256, grownBytes}`: by how much its resident memory was greater at its greatest than before.
 */
import { readFile, writeFile } from "node:fs/promises";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { downloadFile } from "../download/download-file.ts";

const [configFile = "", path = "", ...recordings] = process.argv.slice(2);
const [smallId = "", smallFileId = "", sourceId = "", fileId = ""] = recordings;
const { dynamics } = loadConfig(configFile);
if (dynamics === undefined) throw new Error("the configuration has no section dynamics");
const { signal } = new AbortController();
const client = new DataverseClient(dynamics, new WallClock());
const fetchSound = (recordingId: string, soundId: string) =>
  downloadFile({ sourceId: recordingId, column: "msdyn_recording", fileId: soundId }, path, {
    client,
    log: silentLog(),
    signal,
  });
if (smallId !== "") await fetchSound(smallId, smallFileId);
// Linux: begins the peak anew (proc(5), clear_refs).
await writeFile("/proc/self/clear_refs", "5");
const before = await readMemory("VmRSS");
const file = await fetchSound(sourceId, fileId);
process.stdout.write(JSON.stringify({ ...file, grownBytes: (await readMemory("VmHWM")) - before }));

/** A line of `/proc/self/status`, in bytes. */
async function readMemory(name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8");
  const kB = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  if (kB === undefined) throw new Error(`/proc/self/status has no ${name}`);
  return Number(kB) * 1_024;
}
