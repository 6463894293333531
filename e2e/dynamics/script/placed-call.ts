import type { EpochMs } from "#shared/time/units.ts";
import type { CallStep } from "./call-step.ts";
import type { ExpectedEvent } from "./call-truth.ts";

/** A step that was played. */
export interface PlayedStep {
  readonly do: CallStep["do"];
  /** UPN of who did it; null for the customer and for Dynamics. */
  readonly agent: string | null;
  readonly at: EpochMs;
}

/** What became of the webhooks' posts about a call's rows; the agents' statuses are not the call's. */
export interface WebhookCounts {
  readonly delivered: number;
  /** Given up for good. */
  readonly failed: number;
  /** Dropped as the faults say. */
  readonly lost: number;
  readonly underWay: number;
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
  /** Those that were played so far, in order. */
  readonly steps: readonly PlayedStep[];
  /** What a person who watched so far would write down: the call events that there should be. */
  readonly expected: readonly ExpectedEvent[];
  readonly webhooks: WebhookCounts;
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
   * The conversation is played and every part available; webhooks may be under way.
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
