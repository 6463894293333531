import type { EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** A Dataverse row, or a change of one, as it was last seen. */
export interface DynamicsRow {
  kind: string;
  /** Unique within the kind. */
  id: string;
  /** Null: not known yet, or not of one. */
  conversationId: string | null;
  /** Of a participant and its events. */
  sessionId: string | null;
  /** The systemuser that it is about. */
  userId: string | null;
  /** A change: when; a conversation: when it was closed. By Dynamics' clock. */
  happenedAt: EpochMs | null;
  /** JSON. */
  facts: string;
  /** By our clock. */
  seenAt: EpochMs;
}

/** What has changed since it was last judged from all that Dynamics has of it; times by Dynamics' clock. */
export interface Touched {
  id: string;
  firstAt: EpochMs;
  lastAt: EpochMs;
}

export type TouchedKind = "conversation" | "agent";

interface RowRow {
  kind: string;
  id: string;
  conversation_id: string | null;
  session_id: string | null;
  user_id: string | null;
  happened_at: EpochMs | null;
  facts: string;
  seen_at: EpochMs;
}

const COLUMNS = "kind, id, conversation_id, session_id, user_id, happened_at, facts, seen_at";
const QUALIFIED = COLUMNS.replaceAll(/\w+/g, "rows.$&");

/** Dataverse's rows as they were last seen, and what is still to be judged of them. */
export class DynamicsRows {
  readonly #find;
  readonly #put;
  readonly #see;
  readonly #place;
  readonly #ofConversation;
  readonly #participationsOf;
  readonly #changesSince;
  readonly #changeBefore;
  readonly #placeless;
  readonly #unknownConversations;
  readonly #unknownUsers;
  readonly #withoutPhoneContext;
  readonly #oldest;
  readonly #touch;
  readonly #touched;
  readonly #untouch;
  readonly #isTouched;
  readonly #mark;
  readonly #setMark;
  readonly #eventIds;

  constructor(catalogue: Catalogue) {
    this.#find = catalogue.prepare<[string, string], RowRow>(
      `SELECT ${COLUMNS} FROM dynamics_rows WHERE kind = ? AND id = ?`,
    );
    this.#put = catalogue.prepare(
      `INSERT INTO dynamics_rows (${COLUMNS})
       VALUES (@kind, @id, @conversationId, @sessionId, @userId, @happenedAt, @facts, @seenAt)
       ON CONFLICT (kind, id) DO UPDATE SET conversation_id = excluded.conversation_id, session_id = excluded.session_id,
         user_id = excluded.user_id, happened_at = excluded.happened_at, facts = excluded.facts, seen_at = excluded.seen_at`,
    );
    this.#see = catalogue.prepare("UPDATE dynamics_rows SET seen_at = ? WHERE kind = ? AND id = ?");
    this.#place = catalogue.prepare<[string, string], RowRow>(
      `UPDATE dynamics_rows SET conversation_id = ? WHERE session_id = ? AND conversation_id IS NULL RETURNING ${COLUMNS}`,
    );
    this.#ofConversation = catalogue.prepare<[string], RowRow>(
      `SELECT ${COLUMNS} FROM dynamics_rows WHERE conversation_id = ?`,
    );
    this.#participationsOf = catalogue.prepare<{ userId: string; closedSince: EpochMs }, RowRow>(
      `SELECT ${QUALIFIED} FROM dynamics_rows AS rows
         LEFT JOIN dynamics_rows AS conversations
           ON conversations.kind = 'conversation' AND conversations.id = rows.conversation_id
       WHERE rows.user_id = @userId AND rows.kind = 'participant'
         AND (conversations.happened_at IS NULL OR conversations.happened_at >= @closedSince)`,
    );
    this.#changesSince = catalogue.prepare<[string, string, EpochMs], RowRow>(
      `SELECT ${COLUMNS} FROM dynamics_rows WHERE user_id = ? AND kind = ? AND happened_at >= ?`,
    );
    this.#changeBefore = catalogue.prepare<[string, string, EpochMs], RowRow>(
      `SELECT ${COLUMNS} FROM dynamics_rows WHERE user_id = ? AND kind = ? AND happened_at < ?
       ORDER BY happened_at DESC LIMIT 1`,
    );
    this.#placeless = catalogue
      .prepare<[EpochMs], string>(
        `SELECT DISTINCT session_id FROM dynamics_rows
         WHERE session_id IS NOT NULL AND conversation_id IS NULL AND seen_at >= ?`,
      )
      .pluck();
    this.#unknownConversations = catalogue
      .prepare<[], string>(
        `SELECT id FROM dynamics_touched AS touched WHERE kind = 'conversation'
           AND NOT EXISTS (SELECT 1 FROM dynamics_rows WHERE kind = 'conversation' AND id = touched.id)`,
      )
      .pluck();
    this.#unknownUsers = catalogue
      .prepare<[], string>(
        `SELECT DISTINCT rows.user_id FROM dynamics_touched AS touched
           JOIN dynamics_rows AS rows ON rows.conversation_id = touched.id
         WHERE touched.kind = 'conversation' AND rows.user_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM dynamics_rows WHERE kind = 'user' AND id = rows.user_id)
         UNION SELECT id FROM dynamics_touched AS touched WHERE kind = 'agent'
           AND NOT EXISTS (SELECT 1 FROM dynamics_rows WHERE kind = 'user' AND id = touched.id)`,
      )
      .pluck();
    this.#withoutPhoneContext = catalogue
      .prepare<[], string>(
        `SELECT id FROM dynamics_touched AS touched WHERE kind = 'conversation'
           AND NOT EXISTS (SELECT 1 FROM dynamics_rows WHERE conversation_id = touched.id AND kind = 'phone-context')`,
      )
      .pluck();
    this.#oldest = catalogue
      .prepare<[string, EpochMs, number], string>(
        "SELECT id FROM dynamics_rows WHERE kind = ? AND seen_at < ? ORDER BY seen_at LIMIT ?",
      )
      .pluck();
    this.#touch = catalogue.prepare(
      `INSERT INTO dynamics_touched (kind, id, first_at, last_at) VALUES (@kind, @id, @at, @at)
       ON CONFLICT (kind, id) DO UPDATE SET first_at = min(first_at, @at), last_at = max(last_at, @at)`,
    );
    this.#touched = catalogue.prepare<[TouchedKind], { id: string; first_at: EpochMs; last_at: EpochMs }>(
      "SELECT id, first_at, last_at FROM dynamics_touched WHERE kind = ?",
    );
    this.#isTouched = catalogue.prepare<
      [TouchedKind, string],
      { id: string; first_at: EpochMs; last_at: EpochMs }
    >("SELECT id, first_at, last_at FROM dynamics_touched WHERE kind = ? AND id = ?");
    this.#untouch = catalogue.prepare(
      "DELETE FROM dynamics_touched WHERE kind = ? AND id = ? AND last_at <= ?",
    );
    this.#mark = catalogue.prepare<[string], EpochMs>("SELECT at FROM dynamics_marks WHERE name = ?").pluck();
    this.#setMark = catalogue.prepare(
      "INSERT INTO dynamics_marks (name, at) VALUES (@name, @at) ON CONFLICT (name) DO UPDATE SET at = max(at, @at)",
    );
    this.#eventIds = catalogue
      .prepare<[string, string], string>("SELECT id FROM events WHERE id >= ? AND id < ?")
      .pluck();
  }

  find(kind: string, id: string): DynamicsRow | null {
    const row = this.#find.get(kind, id);
    return row === undefined ? null : toRow(row);
  }

  put(row: DynamicsRow): void {
    this.#put.run({ ...row });
  }

  /** The row was read again and is as it was. */
  noteSeen(kind: string, id: string, seenAt: EpochMs): void {
    this.#see.run(seenAt, kind, id);
  }

  /** A session's conversation is known: what came before it belongs there too. Returns those rows. */
  place(sessionId: string, conversationId: string): DynamicsRow[] {
    return this.#place.all(conversationId, sessionId).map(toRow);
  }

  /** Everything of a conversation, any order. */
  ofConversation(conversationId: string): DynamicsRow[] {
    return this.#ofConversation.all(conversationId).map(toRow);
  }

  /** The user's participant rows of conversations that were not closed before. */
  participationsOf(userId: string, closedSince: EpochMs): DynamicsRow[] {
    return this.#participationsOf.all({ userId, closedSince }).map(toRow);
  }

  /** The user's changes of a kind from then on, and the last one before. */
  changesOf(userId: string, kind: string, since: EpochMs): DynamicsRow[] {
    const rows = this.#changesSince.all(userId, kind, since);
    return [...this.#changeBefore.all(userId, kind, since), ...rows].map(toRow);
  }

  /** Sessions whose conversation is not known, of rows that were seen since. */
  placelessSessions(seenSince: EpochMs): string[] {
    return this.#placeless.all(seenSince);
  }

  /** Touched conversations whose own row is not there. */
  unknownConversations(): string[] {
    return this.#unknownConversations.all();
  }

  /** Users that touched conversations and agents speak of and whose rows are not there. */
  unknownUsers(): string[] {
    return this.#unknownUsers.all();
  }

  /** Touched conversations of which no phone numbers are known. */
  withoutPhoneContext(): string[] {
    return this.#withoutPhoneContext.all();
  }

  /** Ids of rows of a kind that were last seen before, the oldest first. */
  notSeenSince(kind: string, before: EpochMs, atMost: number): string[] {
    return this.#oldest.all(kind, before, atMost);
  }

  touch(kind: TouchedKind, id: string, at: EpochMs): void {
    this.#touch.run({ kind, id, at });
  }

  touched(kind: TouchedKind): Touched[] {
    return this.#touched.all(kind).map(toTouched);
  }

  findTouched(kind: TouchedKind, id: string): Touched | null {
    const row = this.#isTouched.get(kind, id);
    return row === undefined ? null : toTouched(row);
  }

  /** It was judged with all that Dynamics had by then; what changed later keeps it touched. */
  noteJudged(kind: TouchedKind, id: string, asOf: EpochMs): void {
    this.#untouch.run(kind, id, asOf);
  }

  /** A time by Dynamics' clock that is to survive a restart; null: never set. */
  mark(name: string): EpochMs | null {
    return this.#mark.get(name) ?? null;
  }

  /** Never goes back. */
  advanceMark(name: string, at: EpochMs): void {
    this.#setMark.run({ name, at });
  }

  /** Ids of stored call events that begin with the text; `from` as the least that may follow it. */
  eventIds(prefix: string, from = ""): string[] {
    // "\uffff" sorts behind everything that an id has after the text.
    return this.#eventIds.all(`${prefix}${from}`, `${prefix}\uffff`);
  }
}

function toRow(row: RowRow): DynamicsRow {
  return {
    kind: row.kind,
    id: row.id,
    conversationId: row.conversation_id,
    sessionId: row.session_id,
    userId: row.user_id,
    happenedAt: row.happened_at,
    facts: row.facts,
    seenAt: row.seen_at,
  };
}

function toTouched(row: { id: string; first_at: EpochMs; last_at: EpochMs }): Touched {
  return { id: row.id, firstAt: row.first_at, lastAt: row.last_at };
}
