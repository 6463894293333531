import type { CallEventType } from "#shared/api/call-event.ts";
import type { CoverageWord } from "#shared/api/coverage.ts";

/** What the verdict over an interaction says to a person. */
export const COVERAGE_TEXTS: Readonly<Record<CoverageWord, string>> = {
  recorded: "Complete",
  partial: "Partly recorded",
  "not-recorded": "Not recorded",
};

export const EVENT_TEXTS: Readonly<Record<CallEventType, string>> = {
  ringing: "Ringing",
  "not-responding": "Did not answer",
  connected: "Connected",
  conferencing: "Conference",
  consulting: "Consulting",
  "consult-done": "Consult ended",
  "on-hold": "On hold",
  "hold-done": "Back from hold",
  "wrap-up": "Wrap-up",
  "agent-available": "Available again",
};

const STATE_TEXTS: Readonly<Record<string, string>> = {
  gap: "no picture",
  paused: "paused",
  masked: "masked",
};

/** e.g. `no picture: connection lost`; reasons are the coverage's own words, with spaces. */
export function describeStretch(stretch: { state: string; reason?: string | undefined }): string {
  const state = STATE_TEXTS[stretch.state] ?? stretch.state;
  return stretch.reason === undefined ? state : `${state}: ${stretch.reason.replaceAll("-", " ")}`;
}

/** `1 screen`, `2 screens`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
