import { join } from "node:path";
import Database from "better-sqlite3";
import type { CallEventType } from "#shared/api/call-event.ts";
import { type LedgerEntry, ledgerEntrySchema } from "#shared/api/ledger.ts";
import { type Recording, recordingSchema } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { getJson } from "../rig/events.ts";
import type { RecorderRecord, StoredEvent } from "./judge.ts";

const PAGE = 500;

/** What became of webhook posts that the recorder has taken. */
export interface StoredPosts {
  readonly mapped: number;
  readonly waiting: number;
  readonly refused: number;
  /** Why, each reason once. */
  readonly reasons: readonly string[];
}

/**
 * All recordings and the whole ledger, by HTTP.
 *
 * @param nameOf - the name that an agent is to have.
 */
export async function readLists(
  url: string,
  token: string,
  nameOf: (agent: string) => string,
): Promise<Pick<RecorderRecord, "recordings" | "ledger">> {
  const recordings: Recording[] = [];
  for await (const item of readAll(`${url}/v1/recordings`, token)) {
    const recording = recordingSchema.parse(item);
    recordings.push({ ...recording, agent: nameOf(recording.agent) });
  }
  const ledger: LedgerEntry[] = [];
  for await (const item of readAll(`${url}/v1/coverage`, token)) {
    const entry = ledgerEntrySchema.parse(item);
    ledger.push({ ...entry, agent: nameOf(entry.agent) });
  }
  return { recordings, ledger };
}

/** Recordings of these phases. */
export async function countRecordings(
  url: string,
  token: string,
  phases: readonly string[],
): Promise<number> {
  let count = 0;
  for (const phase of phases)
    for await (const _ of readAll(`${url}/v1/recordings`, token, `&phase=${phase}`)) count += 1;
  return count;
}

/**
 * What no list shows, from the catalogue of a recorder that has ended: every call event and whether it is on a recording
 * or in the ledger, and what became of the webhooks' posts.
 */
export function readCatalogue(
  folder: string,
  nameOf: (agent: string) => string,
): { events: StoredEvent[]; posts: StoredPosts } {
  const catalogue = new Database(join(folder, "buffer/catalog.db"), { readonly: true, fileMustExist: true });
  try {
    const rows = catalogue.prepare(EVENTS).all() as EventRow[];
    const events = rows.map((row) => ({
      id: row.id,
      type: row.type,
      at: row.source_at,
      agent: nameOf(row.agent),
      callSessionId: row.call_session_id,
      isOnRecording: row.is_on_recording === 1,
      isInLedger: row.is_in_ledger === 1,
    }));
    const states = catalogue
      .prepare("SELECT state, count(*) AS posts FROM webhook_posts GROUP BY state")
      .all() as { state: string; posts: number }[];
    const reasons = catalogue
      .prepare("SELECT DISTINCT detail FROM webhook_posts WHERE state = 'refused' ORDER BY detail")
      .pluck()
      .all() as string[];
    const count = (state: string) => states.find((one) => one.state === state)?.posts ?? 0;
    const posts = { mapped: count("mapped"), waiting: count("waiting"), refused: count("refused"), reasons };
    return { events, posts };
  } finally {
    catalogue.close();
  }
}

/** A call's entry covers its events by time; an availability has one of its own. */
const EVENTS = `
  SELECT id, type, source_at, agent, call_session_id,
    EXISTS (SELECT 1 FROM recording_events WHERE event_id = events.id) AS is_on_recording,
    EXISTS (
      SELECT 1 FROM strays WHERE strays.agent = events.agent AND (event_id = events.id OR (
        strays.call_session_id = events.call_session_id AND events.at BETWEEN from_at AND to_at))
    ) AS is_in_ledger
  FROM events ORDER BY source_at, id`;

interface EventRow {
  id: string;
  type: CallEventType;
  source_at: EpochMs;
  agent: string;
  call_session_id: string | null;
  is_on_recording: number;
  is_in_ledger: number;
}

async function* readAll(url: string, token: string, filter = ""): AsyncGenerator<unknown> {
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: unknown[]; cursor: string | null } = await getJson(
      `${url}?limit=${PAGE}${filter}${from}`,
      token,
    );
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== null);
}
