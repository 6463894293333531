import { stat } from "node:fs/promises";
import type { Manifest } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { InteractionCatalogue } from "../../apps/adapter/archive/catalogue.ts";
import { interactionPlace, versionPlace } from "../../apps/adapter/archive/places.ts";
import { openDatabase } from "../../apps/adapter/store/database.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import { madeUpId, seededRandom } from "./made-up-recordings.ts";

const SPAN_MS = 365 * 86_400_000;
const AGENTS = 500;
const QUEUES = ["Billing", "Sales", "Support", "Contracts", "Complaints", "Claims", "Cards", "Loans"];
const ROWS_AT_ONCE = 20_000;
const SAMPLE_EVERY = 997;

/** So many rows know nearly all pieces of texts; an adapter that is started then asks for the others only. */
const BEFORE_RESTART = 20_000;

/** A database that was filled. */
export interface FilledArchive {
  path: string;
  /** Some of what is in it, spread over all. */
  samples: readonly Manifest[];
  /** How big it is, and how long it took to make. */
  conditions: Record<string, number>;
}

/**
 * A database with so many interactions: the one that is there from another run, or a new one.
 *
 * @throws DeskreelError `FILL_INCOMPLETE` when there is one with fewer, e.g. because its filling was broken off.
 */
export async function filledArchive(
  path: string,
  interactions: number,
  say: (text: string) => void,
): Promise<FilledArchive> {
  const start = performance.now();
  const isThere = (await sizeOf(path)) !== null;
  if (!isThere) fillArchive(path, interactions, Date.now(), say);
  using database = openDatabase(path);
  const found = database.prepare<[], number>("SELECT count(*) FROM catalogue").pluck().get() ?? 0;
  if (found < interactions) {
    const message = `${path} has ${found} interactions and not ${interactions}; remove it, or take another folder`;
    throw new DeskreelError("FILL_INCOMPLETE", message);
  }
  const samples = database
    .prepare<[number], string>("SELECT manifest FROM catalogue WHERE rowid % ? = 0")
    .pluck()
    .all(Math.min(SAMPLE_EVERY, Math.max(1, Math.floor(interactions / 100))))
    .map((text) => JSON.parse(text) as Manifest);
  const seconds = Math.round((performance.now() - start) / 1_000);
  const megabytes = Math.round(((await sizeOf(path)) ?? 0) / 1_000_000);
  say(`catalogue of ${megabytes} MB, ${isThere ? "from another run" : `made in ${seconds} s`}`);
  return { path, samples, conditions: { megabytes, ...(isThere ? {} : { "seconds to fill": seconds }) } };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}

/** Fills an adapter's database with so many interactions of the last year; returns some, spread over all. */
export function fillArchive(
  path: string,
  count: number,
  now: number,
  say: (text: string) => void,
): Manifest[] {
  const random = seededRandom(5);
  const samples: Manifest[] = [];
  const fill = (from: number, to: number) => {
    using database = openDatabase(path);
    // A cut-off fill is thrown away.
    database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN");
    const catalogue = new InteractionCatalogue(database);
    for (let made = from; made <= to; made += 1) {
      const manifest = madeUpManifest(random, now);
      catalogue.put(manifest, placeOf(manifest));
      if (made % SAMPLE_EVERY === 0 || count < SAMPLE_EVERY) samples.push(manifest);
      if (made % ROWS_AT_ONCE === 0) database.exec("COMMIT; BEGIN");
      if (made % (ROWS_AT_ONCE * 5) === 0) say(`${made} of ${count} interactions made`);
    }
    database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  };
  fill(1, Math.min(count, BEFORE_RESTART));
  if (count > BEFORE_RESTART) fill(BEFORE_RESTART + 1, count);
  return samples;
}

/** Where an interaction's first version lies. */
export function placeOf({ interactionId, startedAt }: Manifest): string {
  return versionPlace(interactionPlace(interactionId, Date.parse(startedAt)), 1);
}

/** One screen of one or two agents, in 2 to 20 minutes; a third of the manifest that a long call with transfers has. */
export function madeUpManifest(random: () => number, now: number): Manifest {
  const startedAt = now - Math.floor(random() * SPAN_MS);
  const interactionId = madeUpId(random);
  const durationMs = 120_000 + Math.floor(random() * 1_080_000);
  const agents = Array.from({ length: random() < 0.1 ? 2 : 1 }, () => {
    const number = Math.floor(random() * AGENTS);
    return { agent: `agent${number}@contoso.com`, name: `Agent Number ${number}` };
  });
  const at = formatInstant(startedAt);
  const first = agents[0]?.agent ?? "";
  const sha256 = "0".repeat(64);
  const chance = random();
  return {
    format: "deskreel.interaction/1",
    interactionId,
    version: 1,
    startedAt: at,
    endedAt: formatInstant(startedAt + durationMs),
    durationMs,
    coverage: chance < 0.95 ? "recorded" : chance < 0.99 ? "partial" : "not-recorded",
    call: {
      direction: random() < 0.9 ? "inbound" : "outbound",
      customer: `+1425${String(Math.floor(random() * 1e7)).padStart(7, "0")}`,
      queue: QUEUES[Math.floor(random() * QUEUES.length)] ?? "",
    },
    ...(random() < 0.3 ? { attributes: { consent: random() < 0.99 ? "given" : "refused" } } : {}),
    agents,
    events: (["ringing", "connected", "wrap-up", "agent-available"] as const).map((type, index) => ({
      ...{ at, type, agent: first },
      offsetMs: index * 1_000,
    })),
    audio: null,
    screens: [
      {
        ...{ file: "screen-1.mp4", recordingId: interactionId, leg: 1, agent: first, desktop: "PC-0815" },
        ...{ display: "1", width: 1920, height: 1080, offsetMs: 0, durationMs },
        coverage: [{ fromMs: 0, toMs: durationMs, state: "captured" }],
      },
    ],
    files: [{ name: "screen-1.mp4", bytes: 12_345_678, sha256 }],
  };
}
