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
