import { z } from "zod";
import { ABSENCE_DETAILS, type AbsenceDetail, COVERAGE_WORDS } from "./coverage.ts";

/** A stretch of a recording without picture; times RFC 3339, `to` null while it lasts, `track` null = of all tracks. */
const ledgerGapSchema = z.strictObject({
  from: z.string(),
  to: z.string().nullable(),
  reason: z.string(),
  track: z.string().nullable(),
});

/**
 * One line of the ledger, as `GET /v1/coverage` shows it: a recording, or call events that none has (`recordingId` null).
 * `leg` is null beside recordings of the same call, and without a call; `callSessionId` is null for an availability that
 * spoke of no call.
 */
export const ledgerEntrySchema = z.strictObject({
  callSessionId: z.string().nullable(),
  agent: z.string(),
  leg: z.int().positive().nullable(),
  recordingId: z.string().nullable(),
  word: z.enum(COVERAGE_WORDS),
  reason: z.string().nullable(),
  /** What more is known of the reason. */
  detail: z.literal(Object.keys(ABSENCE_DETAILS) as AbsenceDetail[]).nullable(),
  from: z.string(),
  to: z.string().nullable(),
  gaps: z.array(ledgerGapSchema),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
