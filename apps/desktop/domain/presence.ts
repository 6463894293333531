import type { CapturePolicy, HiddenReason } from "#shared/protocol/messages.ts";

/** What the operating system says of this session. */
export interface Presence {
  /** Its lock screen is shown. */
  isLocked: boolean;
  /** Nobody sees it: a remote session without its client, or another user's session is shown in its place. */
  isDisconnected: boolean;
  /** The computer sleeps, or is about to. */
  isAsleep: boolean;
}

/** A session that is shown to its user. */
export const PRESENT: Presence = { isLocked: false, isDisconnected: false, isAsleep: false };

/** Why nothing is to be captured in such a session; null when there is no reason. What tells most comes first. */
export function hiddenReason(
  { isLocked, isDisconnected, isAsleep }: Presence,
  whenLocked: CapturePolicy["whenLocked"],
): HiddenReason | null {
  // Whatever the policy is: a computer that sleeps has no pictures.
  if (isAsleep) return "desktop-offline";
  if (whenLocked === "record") return null;
  if (isDisconnected) return "session-disconnected";
  return isLocked ? "session-locked" : null;
}
