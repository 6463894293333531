import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";
import { InteractionCatalogue } from "./catalogue.ts";
import { interactionPlace, versionPlace } from "./places.ts";
import { MADE_AT } from "./rig/made-archive.ts";

const MAIN = join(import.meta.dirname, "../main.ts");
/** Five batches, of which the first is in when it is killed. */
const INTERACTIONS = 2_500;
const DAY_MS = 86_400_000;

/** Interactions of ten days that are nothing but a manifest, as a reindex reads no more of them; returns their places. */
async function fillArchive(folder: string): Promise<string[]> {
  const places: string[] = [];
  for (let index = 0; index < INTERACTIONS; index += 1) {
    const startedAt = MADE_AT + (index % 10) * DAY_MS;
    const interactionId = `call-${String(index).padStart(5, "0")}`;
    const at = formatInstant(startedAt);
    const manifest: Manifest = {
      ...{ format: "deskreel.interaction/1", interactionId, version: 1, startedAt: at, endedAt: at },
      ...{
        durationMs: 0,
        coverage: "not-recorded",
        call: { customer: `+49${index}` },
        agents: [],
        events: [],
      },
      ...{ audio: null, screens: [], files: [] },
    };
    const place = versionPlace(interactionPlace(interactionId, startedAt), 1);
    await mkdir(join(folder, "archive", place), { recursive: true });
    await writeFile(join(folder, "archive", place, "manifest.json"), JSON.stringify(manifest));
    places.push(place);
  }
  return places.toSorted();
}

function startReindex(folder: string, ...options: string[]) {
  const child = spawn(
    process.execPath,
    [MAIN, "reindex", "--config", join(folder, "deskreel.yaml"), ...options],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => void lines.push(...chunk.toString().trimEnd().split("\n")));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, lines }));
  return { child, ended };
}

/** What the catalogue holds, and how far the reindex has come; null: none is under way. */
function look(folder: string) {
  using database = openDatabase(join(folder, "data/adapter.db"));
  return {
    ids: new InteractionCatalogue(database).listIds().toSorted(),
    run: createStores(database).reindex.find(join(folder, "archive")),
  };
}

async function untilBegun(folder: string): Promise<void> {
  for (;;) {
    try {
      if ((look(folder).run?.after ?? null) !== null) return;
    } catch (error) {
      // It is being made, or its lock is held for a moment.
      if (!/SQLITE_|no such|unable to open/.test(String((error as { code?: string }).code) + String(error)))
        throw error;
    }
    await sleep(20);
  }
}

test("a reindex that is killed goes on where it was, names what is damaged, and ends with 1 for it", async () => {
  await using scratch = await scratchFolder();
  const folder = scratch.path;
  const places = await fillArchive(folder);
  await writeFile(
    join(folder, "deskreel.yaml"),
    "adapter: { dataDir: ./data, archive: { url: 'file:./archive', signingKeyFile: ./key.pem } }\n",
  );
  const damaged = [places[3], places.at(-3)].map((place) => `${place}/manifest.json`);
  for (const place of damaged) await writeFile(join(folder, "archive", place), "{");

  const killed = startReindex(folder);
  await untilBegun(folder);
  killed.child.kill("SIGKILL");
  expect((await killed.ended).code).toBeNull();
  const broken = look(folder);
  expect(broken.run).toMatchObject({ faults: [{ place: damaged[0] }] });
  expect(broken.ids).toHaveLength(broken.run?.interactions ?? 0);
  expect(broken.ids.length).toBeGreaterThan(0);
  expect(broken.ids.length).toBeLessThan(INTERACTIONS);

  // What was read is not read again.
  await rm(join(folder, "archive", places[0] ?? ""), { recursive: true });
  const { code, lines } = await startReindex(folder).ended;
  expect(code).toBe(1);
  expect(lines[1]).toBe(
    `reindex: goes on after ${broken.run?.after}, where one was broken off with ${broken.ids.length} interactions (--anew begins again)`,
  );
  expect(lines.filter((line) => line.includes("cannot be read: ")).map((line) => line.split(" ")[1])).toEqual(
    damaged,
  );
  expect(lines.at(-1)).toBe(
    `reindex: ${INTERACTIONS - 2} interactions are in the catalogue, 0 were dropped, 2 cannot be read`,
  );
  expect(look(folder)).toMatchObject({ run: null });
  expect(look(folder).ids).toHaveLength(INTERACTIONS - 2);

  // The next one begins at the beginning.
  const again = await startReindex(folder).ended;
  expect(again.lines.at(-1)).toBe(
    `reindex: ${INTERACTIONS - 3} interactions are in the catalogue, 1 were dropped, 2 cannot be read`,
  );
});
