import type { EpochMs } from "#shared/time/units.ts";
import type { ExpectedEvent } from "./call-truth.ts";
import type { EventOutcome } from "./event-sender.ts";

/**
 * An event that a person would say has happened, and what became of posting it: `not-sent` = the simulator has no
 * recorder to post to, null = not answered yet.
 */
export interface PlayedEvent extends ExpectedEvent {
  readonly id: string;
  readonly outcome: EventOutcome | "not-sent" | null;
}

/** An audio part: when its first and its last sample were, and since when its file is at Dynamics (null = not yet). */
export interface PlayedPart {
  readonly recordingId: string | null;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly availableAt: EpochMs | null;
}

/** A call at a moment, as `GET /simulator/calls/{id}` answers it; all times are epoch ms. */
export interface CallState {
  readonly callSessionId: string;
  readonly startedAt: EpochMs;
  readonly phase: "playing" | "finished" | "failed";
  readonly error: string | null;
  /** Those that happened so far, in order. */
  readonly events: readonly PlayedEvent[];
  /** All of the script, in its order. */
  readonly parts: readonly PlayedPart[];
  /** When the last audio part became available; null while one is missing, or when the script has none. */
  readonly audioAvailableAt: EpochMs | null;
  /** The script's conversations beside this one. */
  readonly beside: readonly string[];
}

/** A conversation that was placed. */
export interface PlacedCall {
  readonly callSessionId: string;
  /** The instant of the conversation's 0. */
  readonly startedAt: EpochMs;
  /** The script's conversations beside this one. */
  readonly beside: readonly PlacedCall[];
  state(): CallState;
  /**
   * The conversation is played, every event answered and every part available.
   *
   * Rejects with DeskreelError `CALL_NOT_PLAYED` when it cannot be, or the simulator was stopped before.
   */
  readonly finished: Promise<CallState>;
}

/** When the last of the parts became available; null while one is missing, or when there is none. */
export function audioAvailableAt(parts: readonly PlayedPart[]): EpochMs | null {
  const last = Math.max(...parts.map((part) => part.availableAt ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(last) ? last : null;
}
