import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CALL_EVENT_TYPES } from "#shared/api/call-event.ts";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { SEED } from "../../../build/test/fixed-seed.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
let catalogue: Database.Database;
beforeAll(async () => {
  recorder = await TestRecorder.open();
  catalogue = new Database(join(recorder.folder, "catalog.db"), { readonly: true });
});
afterAll(async () => {
  catalogue.close();
  await recorder[Symbol.asyncDispose]();
});

interface StoredEvent {
  id: string;
  call_session_id: string | null;
  at: number;
  is_placed: number;
}

interface StrayRow {
  call_session_id: string | null;
  event_id: string | null;
  from_at: number;
  to_at: number;
}

const arrivals = fc.array(
  fc.record({
    type: fc.constantFrom(...CALL_EVENT_TYPES),
    session: fc.constantFrom("s1", "s2", null),
    /** How long ago it happened; the clock goes on by a second with each arrival. */
    secondsAgo: fc.integer({ min: 0, max: 12 }),
  }),
  { minLength: 1, maxLength: 9 },
);

function eventsOf(agent: string): StoredEvent[] {
  return catalogue
    .prepare<[string], StoredEvent>(
      `SELECT id, call_session_id, at, EXISTS (SELECT 1 FROM recording_events WHERE event_id = events.id) AS is_placed
       FROM events WHERE agent = ?`,
    )
    .all(agent);
}

/** What the strays of an agent have to be: those events that no recording has, and nothing else. */
function expectedStrays(events: readonly StoredEvent[]): StrayRow[] {
  const left = events.filter((event) => event.is_placed === 0);
  const sessions = Map.groupBy(left, (event) => event.call_session_id);
  return [...sessions].flatMap(([session, own]): StrayRow[] => {
    if (session === null) {
      return own.map(({ id, at }) => ({ call_session_id: null, event_id: id, from_at: at, to_at: at }));
    }
    const times = own.map((event) => event.at);
    const [from_at, to_at] = [Math.min(...times), Math.max(...times)];
    return [{ call_session_id: session, event_id: null, from_at, to_at }];
  });
}

test("after whatever arrives, each event is on a recording or in a stray, and each call at an agent is in the ledger", async () => {
  let count = 0;
  const property = fc.asyncProperty(arrivals, async (drafts) => {
    count += 1;
    const agent = `agent-${count}`;
    for (const { type, session, secondsAgo } of drafts) {
      recorder.clock.advance(1);
      const at = formatInstant(recorder.clock.now() - secondsAgo * 1_000);
      const callSessionId = type === "agent-available" ? (session ?? undefined) : (session ?? "s1");
      await recorder.post(recorder.event(type, { agent, callSessionId, at }));
      const events = eventsOf(agent);
      const strays = catalogue
        .prepare<[string], StrayRow>(
          "SELECT call_session_id, event_id, from_at, to_at FROM strays WHERE agent = ?",
        )
        .all(agent);
      expect(new Set(strays)).toEqual(new Set(expectedStrays(events)));
      const ledger = await recorder.call<{ items: LedgerEntry[] }>(
        "admin",
        "GET",
        `/v1/coverage?agent=${agent}`,
      );
      const pairs = new Set(ledger.body.items.map((entry) => entry.callSessionId));
      for (const event of events) {
        if (event.call_session_id !== null || event.is_placed === 0)
          expect(pairs).toContain(event.call_session_id);
      }
    }
  });
  await fc.assert(property, { numRuns: runsOf(150), seed: SEED });
});
