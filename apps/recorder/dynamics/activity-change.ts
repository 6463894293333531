import type { RowState } from "../domain/dynamics/row-state.ts";
import type { ActivityChange, ConversationRow } from "../domain/dynamics/rows.ts";

/**
 * What a state of a conversation's row says of the activity state; null: nothing. A post tells of it only if it wrote
 * it; a read shows what it is, and the time is the one of the row's last write.
 *
 * @param row - the conversation as it is known with this state merged in.
 */
export function readActivityChange(state: RowState, row: ConversationRow): ActivityChange | null {
  const { msdyn_conversationactivitystate: activity, msdyn_activeagentid: agent } = state.cells;
  const tells = state.written === null || state.written.includes("msdyn_conversationactivitystate");
  if (!tells || typeof activity !== "number") return null;
  return {
    conversationId: row.id,
    version: state.version ?? row.version,
    state: activity,
    at: state.modifiedAt,
    // A post without image does not say who was active.
    activeUserId: typeof agent === "string" ? agent : agent === undefined ? row.activeUserId : null,
  };
}
