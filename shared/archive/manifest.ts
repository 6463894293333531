import { z } from "zod";
import { CALL_EVENT_TYPES } from "../api/call-event.ts";
import { COVERAGE_STATES, COVERAGE_WORDS } from "../api/coverage.ts";
import { previousSchema, sha256Schema, signatureSchema } from "./chain.ts";

export const MANIFEST_FORMAT = "deskreel.interaction/1";

/** How the start of an audio part is known, best first. */
const PLACEMENTS = ["metadata", "participant", "conversation", "assumed"] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** A name inside the version folder: never a path. */
export const fileNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "must be a plain file name");
const ms = z.int();

const audioPartSchema = z.strictObject({
  sourceId: z.string(),
  offsetMs: ms,
  durationMs: ms.nonnegative(),
  sha256: sha256Schema,
  placement: z.enum(PLACEMENTS),
  uncertaintyMs: ms.nonnegative(),
});

const screenSchema = z.strictObject({
  file: fileNameSchema,
  recordingId: z.string(),
  leg: z.int().positive(),
  agent: z.string(),
  desktop: z.string(),
  display: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  offsetMs: ms.nonnegative(),
  durationMs: ms.nonnegative(),
  coverage: z.array(
    z.strictObject({
      fromMs: ms,
      toMs: ms,
      state: z.enum(COVERAGE_STATES),
      reason: z.string().optional(),
      by: z.string().optional(),
      source: z.string().optional(),
    }),
  ),
});

const withoutScreenSchema = z.strictObject({
  recordingId: z.string(),
  leg: z.int().positive(),
  agent: z.string(),
  offsetMs: ms.nonnegative(),
  durationMs: ms.nonnegative(),
  reason: z.string(),
  /** What more is known of the reason. */
  detail: z.string().exactOptional(),
});

/** `manifest.json` of one archived version of an interaction; every `…Ms` counts from `startedAt`. */
export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  interactionId: z.string(),
  version: z.int().positive(),
  startedAt: z.string(),
  endedAt: z.string(),
  durationMs: ms.nonnegative(),
  coverage: z.enum(COVERAGE_WORDS),
  call: z.record(z.string(), z.string()),
  /** The other attributes of the call's events, such as an answer about consent; absent when there are none. */
  attributes: z.record(z.string(), z.string()).exactOptional(),
  agents: z.array(z.strictObject({ agent: z.string(), name: z.string() })),
  events: z.array(
    z.strictObject({
      at: z.string(),
      offsetMs: ms.nonnegative(),
      type: z.enum(CALL_EVENT_TYPES),
      agent: z.string(),
    }),
  ),
  audio: z.strictObject({ file: fileNameSchema, parts: z.array(audioPartSchema).min(1) }).nullable(),
  screens: z.array(screenSchema),
  /** Recordings of which there is no screen, and what their recorder says of why; absent when there are none. */
  withoutScreen: z.array(withoutScreenSchema).min(1).exactOptional(),
  files: z.array(
    z.strictObject({ name: fileNameSchema, bytes: z.int().nonnegative(), sha256: sha256Schema }),
  ),
  /** Absent in what was archived before the archive had a key. */
  previous: previousSchema.exactOptional(),
  signature: signatureSchema.exactOptional(),
});
export type Manifest = z.infer<typeof manifestSchema>;
