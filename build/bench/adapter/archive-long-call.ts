/**
 * Archives one long call as the adapter does and prints what it took as JSON: `archive-long-call.ts DATA_DIR SEGMENT CODEC
 * MINUTES all|first [SEGMENT]`, the last for second monitors. A process of its own, so that its memory is nobody else's.
 */
import { mkdir } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { CODECS } from "#shared/api/recording.ts";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { Archive } from "../../../apps/adapter/archive/archive.ts";
import { openSigningKey } from "../../../apps/adapter/archive/signing-key.ts";
import { openStorage } from "../../../apps/adapter/archive/storage/open-storage.ts";
import { planStitch } from "../../../apps/adapter/domain/stitch-plan.ts";
import { archiveVersion } from "../../../apps/adapter/jobs/archive-interaction.ts";
import { longCall, partsOf } from "../../../apps/adapter/rig/long-call.ts";
import { readFamilyProcessorMs } from "../process-cost.ts";

/** What archiving a call took. */
export interface ArchivedCall {
  /** From the plan to the signed manifest. */
  tookMs: number;
  /** Of this process and its ffmpegs. */
  processorMs: number;
  /** Of the version's files. */
  bytes: number;
  screens: number;
}

const SECOND_MONITOR = "2";

const [dataDir = "", segment = "", codec = "", minutes = "", shown = "", second = segment] =
  process.argv.slice(2);
const parts = partsOf(Number(minutes)).map(({ durationMs }, index) => ({
  path: `part-${index}.mp3`,
  durationMs,
}));
const screen = {
  codec: CODECS.find((name) => name === codec) ?? "vp9",
  ...{ width: 1_920, height: 1_080 },
};
const facts = longCall(Number(minutes), parts, screen, shown === "first" ? "first" : "all");
const plan = planStitch(facts);
if (plan === null) throw new RangeError("the call has nothing in it");
const root = join(dataDir, "archive");
await mkdir(root);
const { adapter } = configSchema(dataDir).parse({ adapter: { archive: { url: `file:${root}` } } });
await using storage = await openStorage(adapter);
const key = await openSigningKey(join(dataDir, "signing-key.pem"));
const archive = await Archive.open(storage, key, silentLog(), Date.now());
const before = await readFamilyProcessorMs(process.pid);
const startedAt = performance.now();
const manifest = await archiveVersion({ plan, usable: plan }, 1, "2026/03/02/call-1/v1", archive, {
  ...{ dataDir, log: silentLog(), signal: new AbortController().signal },
  segmentPath: ({ trackId }) => {
    const path = trackId === SECOND_MONITOR ? second : segment;
    return isAbsolute(path) ? relative(dataDir, path) : path;
  },
});
const archived: ArchivedCall = {
  tookMs: performance.now() - startedAt,
  processorMs: (await readFamilyProcessorMs(process.pid)) - before,
  bytes: (manifest?.files ?? []).reduce((sum, file) => sum + file.bytes, 0),
  screens: manifest?.screens.length ?? 0,
};
process.stdout.write(JSON.stringify(archived));
