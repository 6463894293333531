import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { ulid } from "ulid";
import { openCallBuffer } from "../../apps/recorder/call-buffer/call-buffer.ts";
import { type MadeUpRecording, madeUpId, madeUpRecordings, seededRandom } from "./made-up-recordings.ts";

/** A recording that a benchmark asks for. */
export type Sample = Pick<MadeUpRecording, "id" | "agent" | "callSessionId" | "startedAt">;

const ROWS_AT_ONCE = 20_000;
const SHA256 = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
/** One in so many recordings is a sample; one in so many is matched by a stray event. */
const SAMPLE_EVERY = 199;
const STRAY_EVERY = 50;

/** Makes a call buffer with so many recordings of the last ninety days; returns some of them, spread over all. */
export async function fillCatalogue(
  bufferDir: string,
  count: number,
  say: (text: string) => void,
): Promise<Sample[]> {
  mkdirSync(bufferDir, { recursive: true });
  (await openCallBuffer(bufferDir))[Symbol.dispose]();
  const catalogue = new Database(join(bufferDir, "catalog.db"));
  try {
    // A cut-off fill is thrown away, and ids are spread all over, so: no waiting for the disk, and room for the pages.
    catalogue.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000");
    const remake = dropIndexes(catalogue);
    const samples: Sample[] = [];
    const insert = inserter(catalogue);
    let done = 0;
    catalogue.exec("BEGIN");
    for (const recording of madeUpRecordings(count, Date.now())) {
      insert(recording);
      done += 1;
      if (done % SAMPLE_EVERY === 0 || count < SAMPLE_EVERY) samples.push(recording);
      if (done % ROWS_AT_ONCE === 0) {
        catalogue.exec("COMMIT; BEGIN");
        if (done % (ROWS_AT_ONCE * 5) === 0) say(`${done} of ${count} recordings made`);
      }
    }
    catalogue.exec("COMMIT");
    say("indexes are made");
    catalogue.exec(remake);
    catalogue.exec("PRAGMA journal_mode = WAL");
    return samples;
  } finally {
    catalogue.close();
  }
}

/** Returns the statements that bring them, and the triggers, back: rows go in several times faster without. */
function dropIndexes(catalogue: Database.Database): string {
  const found = catalogue
    .prepare<[], { type: string; name: string; sql: string }>(
      "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
    )
    .all();
  for (const { type, name } of found) catalogue.exec(`DROP ${type} ${name}`);
  return found.map(({ sql }) => `${sql};`).join("\n");
}

function inserter(catalogue: Database.Database): (recording: MadeUpRecording) => void {
  const random = seededRandom(2);
  const insertRecording = catalogue.prepare(
    `INSERT INTO recordings (id, agent, call_session_id, leg, phase, started_at, connected_at, kept_at, ended_at, notes,
       capture_ordered_at, first_frame_ms, guard_kind, guard_at, erase_at, erased_at, acked_revision, acked_at, word)
     VALUES (@id, @agent, @callSessionId, @leg, @phase, @startedAt, @connectedAt, @connectedAt, @endedAt, @notes,
       @startedAt, 800, @guardKind, @guardAt, @eraseAt, @erasedAt, @ackedRevision, @ackedAt, @word)`,
  );
  const insertEvent = catalogue.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertPlace = catalogue.prepare("INSERT INTO recording_events VALUES (?, ?)");
  const insertTrack = catalogue.prepare("INSERT INTO tracks VALUES (?, ?, ?, ?, 'vp9', 1920, 1080, ?)");
  const insertSegment = catalogue.prepare(
    `INSERT INTO segments (recording_id, track_id, id, started_at, duration_ms, frames, bytes, width, height, sha256,
       previous_sha256)
     VALUES (?, ?, ?, ?, ?, 300, 1500000, 1920, 1080, ?, ?)`,
  );
  const insertOutage = catalogue.prepare(
    "INSERT INTO outages (recording_id, track_id, from_at, to_at, reason) VALUES (?, 1, ?, ?, 'connection-lost')",
  );
  const insertStray = catalogue.prepare(
    "INSERT INTO strays (id, agent, call_session_id, event_id, from_at, to_at, reason) VALUES (?, ?, ?, NULL, ?, ?, ?)",
  );
  const addEvent = (event: MadeUpRecording["events"][number], agent: string, callSessionId: string) => {
    const attributes = JSON.stringify({
      direction: "inbound",
      customer: "+14255550100",
      queue: "Billing",
      agentName: agent,
    });
    const { id, type, at } = event;
    const raw = JSON.stringify({ ...event, at: new Date(at).toISOString(), agent, callSessionId });
    insertEvent.run(id, agent, callSessionId, type, at, at + 400, at, attributes, raw);
  };
  let count = 0;
  return (recording) => {
    const { events, tracks, outages, isAcknowledged, isErased, isLate, ...row } = recording;
    const { id, agent, callSessionId, startedAt, endedAt, phase } = row;
    insertRecording.run({
      ...row,
      notes: isLate ? '["start-refused"]' : "[]",
      guardKind: endedAt === null ? "max-recording" : null,
      guardAt: endedAt === null ? startedAt + 28_800_000 : null,
      eraseAt: phase === "discarded" && endedAt !== null ? endedAt + 10_000 : null,
      erasedAt: isErased && endedAt !== null ? endedAt + 20_000 : null,
      ackedRevision: isAcknowledged ? 1 : 0,
      ackedAt: isAcknowledged && endedAt !== null ? endedAt + 60_000 : null,
    });
    for (const event of events) {
      addEvent(event, agent, callSessionId);
      insertPlace.run(id, event.id);
    }
    for (const [index, { display, segments }] of tracks.entries()) {
      insertTrack.run(id, index + 1, `PC-${agent}`, display, startedAt);
      for (const [number, segment] of segments.entries()) {
        const name = String(number + 1).padStart(6, "0");
        const previous = number === 0 ? null : SHA256;
        insertSegment.run(id, index + 1, name, segment.startedAt, segment.durationMs, SHA256, previous);
      }
    }
    for (const { from, to } of outages) insertOutage.run(id, from, to);
    count += 1;
    if (count % STRAY_EVERY === 0) {
      const session = madeUpId(random);
      addEvent({ id: `${session}:stray`, type: "not-responding", at: startedAt }, agent, session);
      insertStray.run(ulid(startedAt, random), agent, session, startedAt, startedAt, "not-answered");
    }
  };
}
