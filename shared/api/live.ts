import { z } from "zod";
import { CALL_STATES } from "../archive/call-stretches.ts";
import { CODECS } from "./recording.ts";

/** A stretch without picture that lasts; times RFC 3339. */
const openGapSchema = z.object({ reason: z.string(), since: z.string() });

const liveScreenSchema = z.object({
  desktop: z.string(),
  display: z.string(),
  codec: z.enum(CODECS),
  width: z.int(),
  height: z.int(),
  /** `waiting`: it is sent for, and no picture was written yet. */
  state: z.enum(["captured", "waiting", "gap"]),
  gap: openGapSchema.nullable(),
  /** Over the last seconds; a screen that stands still has next to nothing of both. */
  framesPerSecond: z.number().nonnegative(),
  kbitPerSecond: z.number().nonnegative(),
});
export type LiveScreen = z.infer<typeof liveScreenSchema>;

const livePauseSchema = z.object({
  since: z.string(),
  endsBy: z.string(),
  reason: z.string(),
  /** The scope that asked for it. */
  by: z.string(),
});

/** A recording that is under way. */
const liveCallSchema = z.object({
  recordingId: z.string(),
  agent: z.string(),
  callSessionId: z.string(),
  leg: z.int().positive(),
  startedAt: z.string(),
  connectedAt: z.string().nullable(),
  state: z.enum(CALL_STATES),
  stateSince: z.string(),
  /** Of the call's attributes `agentName`, `customer`, `queue` and `direction`, as far as there are any. */
  attributes: z.record(z.string(), z.string()),
  pause: livePauseSchema.nullable(),
  /** Why there is no screen at all. */
  gap: openGapSchema.nullable(),
  screens: z.array(liveScreenSchema),
});
export type LiveCall = z.infer<typeof liveCallSchema>;

const liveDesktopSchema = z.object({
  device: z.string(),
  state: z.enum(["idle", "recording", "paused", "offline"]),
  since: z.string(),
  /** How many monitors it has. */
  displays: z.int().nonnegative(),
  appVersion: z.string(),
});

/** What `GET /v1/live` of a recorder answers: what happens there now. Unknown fields are a newer recorder's. */
export const liveSchema = z.object({
  at: z.string(),
  calls: z.array(liveCallSchema),
  agents: z.array(z.object({ agent: z.string(), desktops: z.array(liveDesktopSchema) })),
  space: z.object({
    /** Null: not known. */
    freeBytes: z.int().nullable(),
    reserveBytes: z.int(),
    /** Null: not measured, as there is no quota. */
    bufferBytes: z.int().nullable(),
    quotaBytes: z.int().nullable(),
    /** What is wrong with the room, in words. */
    alarm: z.string().nullable(),
  }),
  handoff: z.object({
    /** Sealed recordings that no adapter has taken. */
    waiting: z.int().nonnegative(),
    /** Those that an adapter keeps refusing. */
    refused: z.int().nonnegative(),
  }),
});
export type Live = z.infer<typeof liveSchema>;
