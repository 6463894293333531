import { z } from "zod";
import { CALL_EVENT_TYPES } from "./call-event.ts";
import { COVERAGE_WORDS, coverageIntervalSchema } from "./coverage.ts";

export const RECORDING_PHASES = ["provisional", "kept", "sealed", "discarded"] as const;
export type RecordingPhase = (typeof RECORDING_PHASES)[number];

/** Codecs that a track can have; one per track. */
export const CODECS = ["vp9", "av1", "h264", "vp8"] as const;
export type Codec = (typeof CODECS)[number];

/** A sealed SCN segment of a track. */
const segmentSchema = z.strictObject({
  id: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  frames: z.int(),
  bytes: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Segment = z.infer<typeof segmentSchema>;

const trackSchema = z.strictObject({
  id: z.string(),
  desktop: z.string(),
  display: z.string(),
  codec: z.enum(CODECS),
  width: z.int(),
  height: z.int(),
  segments: z.array(segmentSchema),
  coverage: z.array(coverageIntervalSchema),
});
export type Track = z.infer<typeof trackSchema>;

/** A recording as `GET /v1/recordings` and the hand-off show it; times RFC 3339. */
export const recordingSchema = z.strictObject({
  id: z.string(),
  revision: z.int().positive(),
  agent: z.string(),
  callSessionId: z.string(),
  leg: z.int().positive(),
  phase: z.enum(RECORDING_PHASES),
  startedAt: z.string(),
  connectedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  events: z.array(
    z.strictObject({
      id: z.string(),
      type: z.enum(CALL_EVENT_TYPES),
      at: z.string(),
    }),
  ),
  attributes: z.record(z.string(), z.string()),
  tracks: z.array(trackSchema),
  coverage: z.enum(COVERAGE_WORDS),
  note: z.string().nullable(),
});
export type Recording = z.infer<typeof recordingSchema>;
