import { z } from "zod";

/** Why a stretch of a track has no picture. */
const GAP_REASONS = [
  "late-start",
  "desktop-offline",
  "connection-lost",
  "recorder-restart",
  "media-worker-restart",
  "desktop-updated",
  "session-locked",
  "session-disconnected",
  "monitor-off",
  "no-key-frame",
  "loss",
  "disk-full",
  "events-late",
  "desktop-error",
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** Why there is nothing of a recording at all. */
export const NOT_RECORDED_REASONS = [
  ...GAP_REASONS,
  "not-answered",
  "not-sampled",
  "too-short",
  "paused",
] as const;
export type NotRecordedReason = (typeof NOT_RECORDED_REASONS)[number];

/**
 * What more the recorder knew at that time, and of which reason it is the detail.
 *
 * - `never-enrolled`: no desktop has ever said that it is this agent's.
 * - `waits-for-approval`, `revoked`: the agent's desktops may not work until an admin lets them.
 * - `recorder-started-later`: the recorder was started after the call had begun.
 */
export const ABSENCE_DETAILS = {
  "never-enrolled": "desktop-offline",
  "waits-for-approval": "desktop-offline",
  revoked: "desktop-offline",
  "recorder-started-later": "events-late",
} as const satisfies Record<string, GapReason>;
export type AbsenceDetail = keyof typeof ABSENCE_DETAILS;

export const COVERAGE_STATES = ["captured", "paused", "masked", "gap"] as const;

/** The one-word verdict over a recording, a session or an interaction. */
export const COVERAGE_WORDS = ["recorded", "partial", "not-recorded"] as const;
export type CoverageWord = (typeof COVERAGE_WORDS)[number];

/** A stretch of a track as the recorder reports it; times RFC 3339, `to` null while it lasts. */
export const coverageIntervalSchema = z.strictObject({
  from: z.string(),
  to: z.string().nullable(),
  state: z.enum(COVERAGE_STATES),
  reason: z.string().optional(),
  by: z.string().optional(),
  source: z.string().optional(),
});
export type CoverageInterval = z.infer<typeof coverageIntervalSchema>;
