import type { AgentStatusHistoryRow, AgentStatusRow, PresenceChange, PresenceRow } from "./rows.ts";

/** What a row of the history says; `presences` by id. */
export function presenceOfHistory(
  row: AgentStatusHistoryRow,
  presences: ReadonlyMap<string, PresenceRow>,
): PresenceChange {
  return {
    userId: row.userId,
    at: row.startedAt,
    base: baseOf(row.presenceId, presences),
    isLoggedIn: row.isLoggedIn,
  };
}

/**
 * What a state of the agent's status row says beside the state before it. Null: neither presence nor login changed.
 *
 * @param before - null: this is the first state seen.
 */
export function presenceOfStatus(
  row: AgentStatusRow,
  before: AgentStatusRow | null,
  presences: ReadonlyMap<string, PresenceRow>,
): PresenceChange | null {
  const isSame =
    before !== null && before.presenceId === row.presenceId && before.isLoggedIn === row.isLoggedIn;
  if (isSame) return null;
  // A login or logout that leaves the presence as it was leaves the presence's time too.
  const isStale = before !== null && before.presenceModifiedAt === row.presenceModifiedAt;
  const at = isStale ? row.modifiedAt : (row.presenceModifiedAt ?? row.modifiedAt);
  return {
    userId: row.userId,
    at,
    base: baseOf(row.presenceId, presences),
    isLoggedIn: row.isLoggedIn,
  };
}

function baseOf(presenceId: string | null, presences: ReadonlyMap<string, PresenceRow>): number | null {
  return (presenceId === null ? undefined : presences.get(presenceId))?.base ?? null;
}
