import type { Statement } from "better-sqlite3";
import type { CoverageWord } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "../store/database.ts";
import { GRAM } from "../store/text-grams.ts";
import { EXPANDED_MOST, listSql, type Lookups, quotePiece, RARE, SOME } from "./catalogue-sql.ts";

/** A line of the list: the manifest without what only the player needs. */
export type InteractionSummary = Omit<Manifest, "events" | "files" | "screens"> & {
  screens: Omit<Manifest["screens"][number], "coverage">[];
};

/** What is searched for; everything that is given must hold. */
export interface InteractionQuery {
  /** Part of the id, an agent, an agent's name or any attribute of the call; letters' case does not count. */
  q?: string;
  /** The whole agent id. */
  agent?: string;
  /** The whole customer, e.g. a phone number. */
  customer?: string;
  queue?: string;
  /** The interaction started at this instant or later. */
  from?: EpochMs;
  /** The interaction started before this instant. */
  to?: EpochMs;
  minDurationMs?: DurationMs;
  coverage?: CoverageWord;
  limit: number;
  /** From the page before; undefined for the first. */
  cursor?: string;
}

export interface InteractionPage {
  items: InteractionSummary[];
  cursor: string | null;
}

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
  interaction_id: string;
  started_at: number;
  place: string;
  manifest: string;
}

/** What can be replayed: the newest complete version of every interaction, newest start first. */
export class InteractionCatalogue {
  readonly #database: AdapterDatabase;
  /** Kept: a million statements of a reindex, each prepared anew, would wait in memory for the garbage collector. */
  readonly #put: Statement<[Record<string, string | number>]>;
  readonly #remove: Statement<[string]>;
  readonly #lookups: Lookups;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#lookups = lookupsOf(database);
    this.#put = database.prepare(
      `INSERT INTO catalogue
       VALUES (@id, @version, @startedAt, @durationMs, @coverage, @customer, @queue, @agents, @search, @place, @manifest)
       ON CONFLICT (interaction_id) DO UPDATE SET version = @version, started_at = @startedAt,
         duration_ms = @durationMs, coverage = @coverage, customer = @customer, queue = @queue, agents = @agents,
         search = @search, place = @place, manifest = @manifest
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
    });
  }

  /** @throws DeskreelError `BAD_CURSOR` when the cursor is none of ours. */
  list(query: InteractionQuery): InteractionPage {
    const after = query.cursor === undefined ? null : readCursor(query.cursor);
    const { sql, found } = listSql(query, after !== null, this.#lookups);
    const rows = this.#database.prepare<unknown[], CatalogueRow>(sql).all({
      q: query.q?.toLowerCase() ?? null,
      found: JSON.stringify(found),
      agent: query.agent?.toLowerCase() ?? null,
      customer: query.customer ?? null,
      queue: query.queue ?? null,
      from: query.from ?? null,
      to: query.to ?? null,
      minDurationMs: query.minDurationMs ?? null,
      coverage: query.coverage ?? null,
      afterAt: after?.startedAt ?? null,
      afterId: after?.id ?? null,
      // One more than asked for tells whether there is a next page.
      limit: query.limit + 1,
    });
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const hasMore = rows.length > page.length && last !== undefined;
    return {
      items: page.map((row) => summarize(readManifest(row))),
      cursor: hasMore ? writeCursor({ startedAt: last.started_at, id: last.interaction_id }) : null,
    };
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
    return row === undefined ? null : { manifest: readManifest(row), place: row.place };
  }

  /** A file that the newest version's manifest lists; null for any other name, so a path can never leave it. */
  fileOf(id: string, name: string): ArchivedFile | null {
    const found = this.get(id);
    const file = found?.manifest.files.find((entry) => entry.name === name);
    if (!found || !file) return null;
    return { place: `${found.place}/${file.name}`, bytes: file.bytes, sha256: file.sha256 };
  }
}

/** By so many rows it is judged how many have a piece of a text. */
const LOOKED_AT = 200;

/** What a list's statement is made by. */
export function lookupsOf(database: AdapterDatabase): Lookups {
  return {
    shareOf: (gram) => {
      const { count, last } = database
        .prepare<[string, number], { count: number; last: number | null }>(
          `SELECT count(*) AS count, max(rowid) AS last
           FROM (SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH ? LIMIT ?)`,
        )
        .get(quotePiece(gram), LOOKED_AT) ?? { count: 0, last: 0 };
      // Rows are numbered as they came: the sooner there are so many, the more there are.
      return count < LOOKED_AT ? count / Number.MAX_SAFE_INTEGER : count / (last ?? count);
    },
    find: (match) =>
      database
        .prepare<[string, number], number>(
          "SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH ? LIMIT ?",
        )
        .pluck()
        .all(match, SOME + 1),
    countLonger: (minDurationMs) =>
      database
        .prepare<[number, number], number>(
          "SELECT count(*) FROM (SELECT 1 FROM catalogue WHERE duration_ms >= ? LIMIT ?)",
        )
        .pluck()
        .get(minDurationMs, RARE + 1) ?? 0,
    expand: (short) =>
      database
        .prepare<[string, number], { gram: string }>(
          "SELECT gram FROM catalogue_grams WHERE instr(gram, ?) > 0 LIMIT ?",
        )
        .all(short, EXPANDED_MOST + 1)
        .map(({ gram }) => gram),
  };
}

/** Drops what a list does not show. */
function summarize(manifest: Manifest): InteractionSummary {
  const { events: _events, files: _files, screens, ...rest } = manifest;
  return { ...rest, screens: screens.map(({ coverage: _coverage, ...screen }) => screen) };
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

function readManifest(row: CatalogueRow): Manifest {
  // It was checked when it came in; to check a page of them again would take most of a list's time.
  return JSON.parse(row.manifest) as Manifest;
}

interface Cursor {
  startedAt: EpochMs;
  id: string;
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.startedAt}/${cursor.id}`).toString("base64url");
}

function readCursor(text: string): Cursor {
  const match = /^(-?\d+)\/([a-z0-9-]{1,64})$/.exec(Buffer.from(text, "base64url").toString());
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new DeskreelError(
      "BAD_CURSOR",
      `cursor ${JSON.stringify(text.slice(0, 80))} is not one that a list has answered`,
    );
  }
  return { startedAt: Number(match[1]), id: match[2] };
}
