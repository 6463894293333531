import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InteractionCatalogue } from "../../apps/adapter/archive/catalogue.ts";
import { openReplayRig, TOKENS } from "../../apps/adapter/replay/rig/replay-rig.ts";
import { archiveQueries } from "./archive-queries.ts";
import { type FilledArchive, madeUpManifest, placeOf } from "./fill-archive.ts";
import { HttpLoad, type LoadRequest } from "./http-load.ts";
import { sortOut } from "./latencies.ts";
import { seededRandom } from "./made-up-recordings.ts";
import type { Measured } from "./results.ts";

const REQUESTS_EACH = 200;
const PROMISE = "p95 <= 100 ms";

/** Lists and searches over HTTP of a catalogue with very many interactions; server and client share this process. */
export async function benchArchive(
  folder: string,
  archive: FilledArchive,
  say: (text: string) => void,
): Promise<Measured[]> {
  const pageFolder = join(folder, "page");
  await mkdir(pageFolder);
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  await using rig = await openReplayRig({ pageFolder, databasePath: archive.path });
  using load = new HttpLoad(rig.url, TOKENS.viewer, 1);
  const measured: Measured[] = [];
  for (const [what, query] of Object.entries(archiveQueries(archive.samples))) {
    say(what);
    const requests = Array.from(
      { length: REQUESTS_EACH },
      (): LoadRequest => ({
        method: "GET",
        path: `/v1/interactions?${new URLSearchParams(query()).toString()}`,
      }),
    );
    const before = process.cpuUsage();
    const { samplesMs, tookMs } = await load.closedLoop(requests, 1);
    const { user, system } = process.cpuUsage(before);
    const processorMsEach = (user + system) / 1_000 / requests.length;
    const perSecond = (requests.length * 1_000) / tookMs;
    measured.push({ what, ...sortOut(samplesMs), perSecond, processorMsEach, promise: PROMISE });
  }
  const insert = { what: "one more interaction into the catalogue", perSecond: null, processorMsEach: null };
  measured.push({ ...insert, ...sortOut(insertSome(rig.catalogue)), promise: null });
  return measured;
}

/** One more interaction each, durable on the disk when it is in. */
function insertSome(catalogue: InteractionCatalogue): number[] {
  const random = seededRandom(11);
  return Array.from({ length: REQUESTS_EACH }, () => {
    const manifest = madeUpManifest(random, Date.now());
    const start = performance.now();
    catalogue.put(manifest, placeOf(manifest));
    return performance.now() - start;
  });
}
