import type { RowState } from "../domain/dynamics/row-state.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { RowKind } from "./row-schemas.ts";

/** Which rows of a table; ids are guids in lower case. */
export type RowSelection =
  | { ids: readonly string[] }
  /** Written last at that time or later (`modifiedon`), or before another one; of all or of some agents. */
  | { changedSince: EpochMs; changedBefore?: EpochMs; ofAgents?: readonly string[] }
  /** Of conversations: sessions and phone contexts. */
  | { ofConversations: readonly string[] }
  /** Of sessions: participants and participant events. */
  | { ofSessions: readonly string[] }
  /** Conversations that are not over. */
  | { isOpen: true }
  /** A short table whole. */
  | { all: true };

/** What a read gave. */
export interface RowsRead {
  /** In the order written, as far as the selection is by that; ids that are not there are left out. */
  rows: readonly RowState[];
  /**
   * By Dynamics' clock, not later than when the read began: everything that was written before is in the rows. A
   * fraction may be lost, so it is a whole second or less.
   */
  readAt: EpochMs;
}

/** Where Dataverse's rows come from. Every failure to read is a DataverseError. */
export interface RowSource {
  read(kind: RowKind, selection: RowSelection, signal: AbortSignal): Promise<RowsRead>;
}
