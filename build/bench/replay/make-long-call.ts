import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { partsOf } from "../../../apps/adapter/rig/long-call.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { makeNumberedMinute } from "./numbered-minute.ts";

const ARCHIVE_LONG_CALL = join(import.meta.dirname, "../adapter/archive-long-call.ts");
/** Where `archive-long-call.ts` puts the version. */
const PLACE = "2026/03/02/call-1/v1";
/** Two seconds of a tone, four of silence. */
const SOUND = "aevalsrc='0.6*sin(2*PI*300*t)*lt(mod(t,6),2)':s=16000";

/**
 * Archives a call as the adapter does: sound in three parts, and either two agents with two monitors each or one
 * with one, in VP9. First monitors are busy, second ones calm.
 *
 * @returns the folder of its version.
 */
export async function makeLongCall(folder: string, minutes: number, shown: "first" | "all"): Promise<string> {
  await mkdir(folder, { recursive: true });
  const segments = { busy: join(folder, "busy.scn"), calm: join(folder, "calm.scn") };
  await makeNumberedMinute(segments.busy, "busy");
  await makeNumberedMinute(segments.calm, "calm");
  for (const [index, { durationMs }] of partsOf(minutes).entries()) {
    const source = `${SOUND}:d=${durationMs / 1_000}`;
    const out = ["-b:a", "32k", join(folder, `part-${index}.mp3`)];
    await run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, ...out]);
  }
  await run(process.execPath, [
    ARCHIVE_LONG_CALL,
    folder,
    segments.busy,
    "vp9",
    String(minutes),
    shown,
    segments.calm,
  ]);
  return join(folder, "archive", PLACE);
}
