import type { DurationMs } from "#shared/time/units.ts";
import type { OfflineReason } from "./agent-session.ts";

const FIRST_DELAY_MS: DurationMs = 250;
/** A call is going on without being seen by the recorder: capture has to resume within 5 s of its return. */
const CAP_RECORDING_MS: DurationMs = 2_000;
const CAP_IDLE_MS: DurationMs = 30_000;
/** Trying again helps only after a person has done something; the recorder is not to be hammered meanwhile. */
const SLOW_MS: DurationMs = 60_000;

/**
 * How long to wait before the next attempt to connect: doubling up to a cap, with half of it random so that a
 * recorder's restart does not bring every desktop back in the same instant.
 *
 * @param attempt - how many attempts have failed since the connection last stood, from 1.
 * @param random - uniform in [0, 1).
 */
export function reconnectDelayMs(
  attempt: number,
  reason: OfflineReason,
  isRecording: boolean,
  random: number,
): DurationMs {
  return fullDelayMs(attempt, reason, isRecording) * (0.5 + random / 2);
}

function fullDelayMs(attempt: number, reason: OfflineReason, isRecording: boolean): DurationMs {
  switch (reason) {
    case "unauthorized":
    case "revoked":
    case "waits-for-approval":
    case "replaced":
      return SLOW_MS;
    case "unreachable":
    case "silent":
    case "refused":
    case "proxy":
    case "proxy-sign-in":
    case "certificate":
    case "certificate-expired":
    case "certificate-not-yet-valid":
    case "certificate-wrong-name":
    case "certificate-unknown-issuer": {
      const cap = isRecording ? CAP_RECORDING_MS : CAP_IDLE_MS;
      // Beyond 2^20 every delay is above both caps.
      return Math.min(cap, FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 20));
    }
  }
}
