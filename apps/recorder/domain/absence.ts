import { ABSENCE_DETAILS, type AbsenceDetail } from "#shared/api/coverage.ts";
import type { DesktopState } from "./desktop-trust.ts";
import type { Verdict } from "./coverage-word.ts";

/**
 * Why no desktop of an agent is there, beside that none is.
 *
 * @param states - of all desktops that have ever been this agent's.
 * @returns null: one of them may work, and is just not connected.
 */
export function whyNoDesktop(states: readonly DesktopState[]): AbsenceDetail | null {
  if (states.includes("active")) return null;
  if (states.includes("pending")) return "waits-for-approval";
  return states.includes("revoked") ? "revoked" : "never-enrolled";
}

/** What was noted counts only for the reason that it explains: another one may have become the longer. */
export function detailOf({ word, reason }: Verdict, noted: AbsenceDetail | null): AbsenceDetail | null {
  if (noted === null || word !== "not-recorded") return null;
  return ABSENCE_DETAILS[noted] === reason ? noted : null;
}
