import type { EpochMs } from "#shared/time/units.ts";
import type { DynamicsRow, DynamicsRows } from "../call-buffer/dynamics-rows.ts";
import { mergeRow, type RowMerge } from "../domain/dynamics/merge-rows.ts";
import type { MirroredRow, RowState } from "../domain/dynamics/row-state.ts";
import { presenceOfStatus } from "../domain/dynamics/presence-changes.ts";
import { readActivityChange } from "./activity-change.ts";
import { columnsOf, ROW_TABLES, type RowKind } from "./row-schemas.ts";

/** A state of a row, and whose. */
export interface ShownRow {
  kind: RowKind;
  state: RowState;
}

/** A change of an agent's presence as stored; what the presence counts as is looked up when it is judged. */
export interface StoredPresence {
  userId: string;
  at: EpochMs;
  presenceId: string | null;
  isLoggedIn: boolean | null;
}

/** msdyn_ocliveworkitem.statuscode: 4 Closed, 6 Resolved. */
const FINAL_STATUSES: readonly number[] = [4, 6];
/** Of these every read counts as news of itself: they are asked for again when they get old. */
const LOOKED_UP: readonly RowKind[] = ["user", "presence", "queue"];

/** Dataverse's rows as last seen: the newest version wins, column by column. Changes belong into a transaction. */
export class Mirror {
  readonly #rows: DynamicsRows;

  constructor(rows: DynamicsRows) {
    this.#rows = rows;
  }

  /** Whether a state says enough: else its row has to be read. */
  canPlace({ kind, state }: ShownRow): boolean {
    const merge = mergeRow(this.#known(kind, state.id), state, columnsOf(kind));
    return merge.kind !== "unplaced" && merge.missing.length === 0;
  }

  has(kind: RowKind, id: string): boolean {
    return this.#rows.find(kind, id) !== null;
  }

  /** The typed row; null: not known, not whole, or it says nothing. */
  find<Kind extends RowKind>(kind: Kind, id: string): ReturnType<(typeof ROW_TABLES)[Kind]["toRow"]> | null {
    const known = this.#known(kind, id);
    return known === null ? null : toWholeRow(kind, known);
  }

  /**
   * Adds what a post or a read shows, and notes what it touches.
   *
   * @returns whether any of it was news.
   */
  merge(shown: ShownRow, seenAt: EpochMs): boolean {
    const { kind, state } = shown;
    const known = this.#known(kind, state.id);
    const merge = mergeRow(known, state, columnsOf(kind));
    if (merge.kind === "merged") this.#store(kind, merge.row, state.modifiedAt, seenAt);
    else if (LOOKED_UP.includes(kind)) this.#rows.noteSeen(kind, state.id, seenAt);
    const isNewChange =
      (kind === "conversation" && this.#noteActivity(state, merge, seenAt)) ||
      (kind === "agent-status" && this.#notePresence(state, known, merge, seenAt));
    return merge.kind === "merged" || isNewChange;
  }

  #known(kind: RowKind, id: string): MirroredRow | null {
    const stored = this.#rows.find(kind, id);
    return stored === null ? null : (JSON.parse(stored.facts) as MirroredRow);
  }

  #store(kind: RowKind, row: MirroredRow, changedAt: EpochMs, seenAt: EpochMs): void {
    const links = this.#linksOf(kind, row);
    this.#rows.put({ kind, id: row.id, facts: JSON.stringify(row), seenAt, ...links });
    if (kind === "session" && links.conversationId !== null) this.#place(row.id, links.conversationId);
    if (links.conversationId !== null) this.#rows.touch("conversation", links.conversationId, changedAt);
    const isOfAgent = kind === "participant" || kind === "agent-status-history";
    if (isOfAgent && links.userId !== null) this.#rows.touch("agent", links.userId, changedAt);
  }

  /** Rows that came before their session belong to its conversation from now on. */
  #place(sessionId: string, conversationId: string): void {
    for (const { facts } of this.#rows.place(sessionId, conversationId)) {
      const { modifiedAt } = JSON.parse(facts) as MirroredRow;
      this.#rows.touch("conversation", conversationId, modifiedAt);
    }
  }

  #linksOf(kind: RowKind, row: MirroredRow): Omit<DynamicsRow, "kind" | "id" | "facts" | "seenAt"> {
    const none = { conversationId: null, sessionId: null, userId: null, happenedAt: null };
    switch (kind) {
      case "conversation": {
        const whole = ROW_TABLES.conversation.toRow(row);
        const isOver = whole !== null && FINAL_STATUSES.includes(whole.status);
        const closedAt = whole?.closedAt ?? (isOver ? row.modifiedAt : null);
        return {
          ...none,
          conversationId: row.id,
          userId: whole?.activeUserId ?? null,
          happenedAt: isOver ? closedAt : null,
        };
      }
      case "session":
        return { ...none, conversationId: ROW_TABLES.session.toRow(row)?.conversationId ?? null };
      case "participant": {
        const { sessionId = null, userId = null } = ROW_TABLES.participant.toRow(row) ?? {};
        return { ...none, sessionId, userId, conversationId: this.#conversationOf(sessionId) };
      }
      case "participant-event": {
        const { sessionId = null } = ROW_TABLES["participant-event"].toRow(row) ?? {};
        return { ...none, sessionId, conversationId: this.#conversationOf(sessionId) };
      }
      case "phone-context":
        return { ...none, conversationId: ROW_TABLES["phone-context"].toRow(row)?.conversationId ?? null };
      case "agent-status":
        return { ...none, userId: ROW_TABLES["agent-status"].toRow(row)?.userId ?? null };
      case "agent-status-history": {
        const whole = ROW_TABLES["agent-status-history"].toRow(row);
        return { ...none, userId: whole?.userId ?? null, happenedAt: whole?.startedAt ?? null };
      }
      case "presence":
      case "user":
      case "queue":
        return none;
    }
  }

  /** The conversation of a session; null while it is not known. */
  #conversationOf(sessionId: string | null): string | null {
    return sessionId === null ? null : (this.find("session", sessionId)?.conversationId ?? null);
  }

  /**
   * An agent's status is one row that is rewritten, so that each state of it is kept by itself; also one that comes after
   * a newer one.
   */
  #notePresence(state: RowState, before: MirroredRow | null, merge: RowMerge, seenAt: EpochMs): boolean {
    if (merge.kind === "known" && state.source === "read") return false;
    const shown = merge.kind === "merged" ? merge.row : cellsOf(state, merge.row);
    const row = toWholeRow("agent-status", shown);
    if (row === null) return false;
    const known = merge.kind === "merged" && before !== null ? toWholeRow("agent-status", before) : null;
    const change = presenceOfStatus(row, known, new Map());
    if (change === null) return false;
    const { userId, at, isLoggedIn } = change;
    const id = `${userId}:${at}:${row.presenceId}:${isLoggedIn}`;
    if (this.#rows.find("presence-change", id) !== null) return false;
    const stored: StoredPresence = { userId, at, presenceId: row.presenceId, isLoggedIn };
    this.#rows.put({
      kind: "presence-change",
      id,
      conversationId: null,
      sessionId: null,
      userId,
      happenedAt: at,
      facts: JSON.stringify(stored),
      seenAt,
    });
    this.#rows.touch("agent", userId, at);
    return true;
  }

  /** Keeps what is seen of the activity state: Dataverse has no history of it. */
  #noteActivity(state: RowState, merge: RowMerge, seenAt: EpochMs): boolean {
    const row = ROW_TABLES.conversation.toRow(merge.row);
    const change = row === null ? null : readActivityChange(state, row);
    if (change === null) return false;
    const id = `${change.conversationId}:${change.version}`;
    if (this.#rows.find("activity-change", id) !== null) return false;
    this.#rows.put({
      kind: "activity-change",
      id,
      conversationId: change.conversationId,
      sessionId: null,
      userId: null,
      happenedAt: null,
      facts: JSON.stringify(change),
      seenAt,
    });
    this.#rows.touch("conversation", change.conversationId, change.at);
    return true;
  }
}

/** An older state of a row that is known. */
function cellsOf(state: RowState, row: MirroredRow): MirroredRow {
  const { version, modifiedAt, source } = state;
  const cells = Object.entries(state.cells).map(([column, value]) => [
    column,
    { value, version: version ?? row.version, source },
  ]);
  return { ...row, modifiedAt, cells: { ...row.cells, ...Object.fromEntries(cells) } };
}

/** The typed row; null: a column of it was never seen, or it says nothing. */
export function toWholeRow<Kind extends RowKind>(
  kind: Kind,
  row: MirroredRow,
): ReturnType<(typeof ROW_TABLES)[Kind]["toRow"]> | null {
  if (columnsOf(kind).some((column) => row.cells[column] === undefined)) return null;
  const table = ROW_TABLES[kind] as { toRow(row: MirroredRow): unknown };
  return table.toRow(row) as ReturnType<(typeof ROW_TABLES)[Kind]["toRow"]>;
}
