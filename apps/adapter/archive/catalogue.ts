import type { Statement } from "better-sqlite3";
import type { Manifest } from "#shared/archive/manifest.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "../store/database.ts";
import { GRAM } from "../store/text-grams.ts";
import { callLife } from "../domain/call-life.ts";
import { type FacetQuery, listFacets } from "./find/facets.ts";
import { countByTime } from "./find/histogram.ts";
import { listRows, writeCursor } from "./find/list.ts";
import type {
  Facet,
  Histogram,
  InteractionFilter,
  InteractionPage,
  InteractionQuery,
  InteractionSummary,
} from "./find/query.ts";
import { listLedger } from "./ledger/lines.ts";
import type { LedgerPage, LedgerQuery } from "./ledger/query.ts";
import { countLedger } from "./ledger/totals.ts";

/** The picture that stands for an interaction, among the files of a version. */
export const POSTER_FILE = "poster.jpg";

export interface ArchivedFile {
  /** In the archive. */
  place: string;
  bytes: number;
  sha256: string;
}

/** What retention goes by. */
export interface AgedInteraction {
  id: string;
  startedAt: EpochMs;
  endedAt: EpochMs;
  queue: string;
  agents: string[];
  attributes: Record<string, string>;
}

interface AgedRow {
  id: string;
  started_at: number;
  duration_ms: number;
  queue: string;
  agents: string;
  call: string;
  attributes: string | null;
}

interface CatalogueRow {
  place: string;
  manifest: string;
}

/** What can be replayed: the newest complete version of every interaction, newest start first. */
export class InteractionCatalogue {
  readonly #database: AdapterDatabase;
  /** Kept: a million statements of a reindex, each prepared anew, would wait in memory for the garbage collector. */
  readonly #put: Statement<[Record<string, string | number>]>;
  readonly #remove: Statement<[string]>;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#put = database.prepare(
      `INSERT INTO catalogue
       VALUES (@id, @version, @startedAt, @durationMs, @coverage, @customer, @queue, @agents, @search, @place, @manifest,
         @direction, coalesce((SELECT text FROM noted WHERE interaction_id = @id), ''))
       ON CONFLICT (interaction_id) DO UPDATE SET version = @version, started_at = @startedAt,
         duration_ms = @durationMs, coverage = @coverage, customer = @customer, queue = @queue, agents = @agents,
         search = @search, place = @place, manifest = @manifest, direction = @direction
       WHERE excluded.version >= catalogue.version`,
    );
    this.#remove = database.prepare("DELETE FROM catalogue WHERE interaction_id = ?");
  }

  /** Makes a version the one that is shown; an older one than what is there changes nothing. */
  put(manifest: Manifest, place: string): void {
    this.#put.run({
      id: manifest.interactionId,
      version: manifest.version,
      startedAt: parseRfc3339(manifest.startedAt) ?? 0,
      durationMs: manifest.durationMs,
      coverage: manifest.coverage,
      customer: manifest.call["customer"] ?? "",
      queue: manifest.call["queue"] ?? "",
      agents: JSON.stringify(manifest.agents.map((agent) => agent.agent)),
      search: searchText(manifest),
      place,
      manifest: JSON.stringify(manifest),
      direction: manifest.call["direction"] ?? "",
    });
  }

  /** @throws DeskreelError `BAD_CURSOR` when the cursor is none of this list's. */
  list(query: InteractionQuery): InteractionPage {
    const rows = listRows(this.#database, query);
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const read = this.#database
      .prepare<[number], string>("SELECT manifest FROM catalogue WHERE rowid = ?")
      .pluck();
    return {
      items: shown.flatMap(({ row }) => {
        const manifest = read.get(row);
        return manifest === undefined ? [] : [summarize(readManifest(manifest), query.withLife === true)];
      }),
      cursor: rows.length > shown.length && last !== undefined ? writeCursor(last, query.sort) : null,
    };
  }

  /** Counts interactions by when they started; see {@link countByTime}. */
  countByTime(filter: InteractionFilter, bucketMs: DurationMs, signal: AbortSignal): Promise<Histogram> {
    return countByTime(this.#database, filter, bucketMs, signal);
  }

  /** What there is to choose from; see {@link listFacets}. */
  facets(query: FacetQuery): Facet[] {
    return listFacets(this.#database, query);
  }

  /** What was not recorded; see {@link listLedger} and {@link countLedger}. */
  async ledger(query: LedgerQuery, signal: AbortSignal): Promise<LedgerPage> {
    const page = await listLedger(this.#database, query, signal);
    return { totals: await countLedger(this.#database, query, signal), ...page };
  }

  /** Takes an interaction out of the list. */
  remove(id: string): void {
    this.#remove.run(id);
  }

  listIds(): string[] {
    return this.#database
      .prepare<[], { id: string }>("SELECT interaction_id AS id FROM catalogue")
      .all()
      .map(({ id }) => id);
  }

  /**
   * Interactions that started before an instant, oldest first, with what retention goes by.
   *
   * @param after - the last one of the page before.
   */
  listAged(before: EpochMs, after: { startedAt: EpochMs; id: string }, limit: number): AgedInteraction[] {
    return this.#database
      .prepare<unknown[], AgedRow>(
        `SELECT interaction_id AS id, started_at, duration_ms, queue, agents,
           manifest ->> 'call' AS call, manifest ->> 'attributes' AS attributes
         FROM catalogue WHERE (started_at, interaction_id) > (?, ?) AND started_at < ?
         ORDER BY started_at, interaction_id LIMIT ?`,
      )
      .all(after.startedAt, after.id, before, limit)
      .map(({ id, started_at: startedAt, duration_ms: durationMs, queue, agents, call, attributes }) => ({
        ...{ id, startedAt, endedAt: startedAt + durationMs, queue },
        agents: JSON.parse(agents) as string[],
        attributes: {
          ...(JSON.parse(call) as Record<string, string>),
          ...(JSON.parse(attributes ?? "{}") as Record<string, string>),
        },
      }));
  }

  /** The newest version, with its place in the archive; null when there is none. */
  get(id: string): { manifest: Manifest; place: string } | null {
    const row = this.#database
      .prepare<[string], CatalogueRow>("SELECT * FROM catalogue WHERE interaction_id = ?")
      .get(id.toLowerCase());
    return row === undefined ? null : { manifest: readManifest(row.manifest), place: row.place };
  }

  /** A file that the newest version's manifest lists; null for any other name, so a path can never leave it. */
  fileOf(id: string, name: string): ArchivedFile | null {
    const found = this.get(id);
    const file = found?.manifest.files.find((entry) => entry.name === name);
    if (!found || !file) return null;
    return { place: `${found.place}/${file.name}`, bytes: file.bytes, sha256: file.sha256 };
  }
}

/** Drops what a list does not show. */
function summarize(manifest: Manifest, withLife: boolean): InteractionSummary {
  const { events: _events, files, screens, ...rest } = manifest;
  const summary = { ...rest, screens: screens.map(({ coverage: _coverage, ...screen }) => screen) };
  if (!withLife) return summary;
  const poster = files.some(({ name }) => name === POSTER_FILE) ? POSTER_FILE : null;
  const reasons = screens.flatMap(({ coverage }) =>
    coverage.flatMap(({ state, reason }) => (state === "gap" && reason ? [reason] : [])),
  );
  return { ...summary, life: callLife(manifest), poster, gapReasons: [...new Set(reasons)] };
}

function searchText(manifest: Manifest): string {
  const agents = manifest.agents.flatMap((agent) => [agent.agent, agent.name]);
  return (
    [
      manifest.interactionId,
      ...agents,
      ...Object.values(manifest.call),
      ...Object.values(manifest.attributes ?? {}),
    ]
      .join("\n")
      .toLowerCase()
      // What is shorter than a piece would be in no index.
      .padEnd(GRAM, "\n")
  );
}

function readManifest(text: string): Manifest {
  // It was checked when it came in; to check a page of them again would take most of a list's time.
  return JSON.parse(text) as Manifest;
}
