import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** A call event as the rows have it: its agent is a systemuser still. */
export interface MappedEvent {
  /** The same for the same fact, wherever it was read, so that a fact becomes an event once. */
  id: string;
  type: CallEventType;
  /** Whole seconds. */
  at: EpochMs;
  userId: string;
  /** Null only for `agent-available` by presence or logout. */
  callSessionId: string | null;
  attributes: Readonly<Record<string, string>>;
}
