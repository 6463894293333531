import { z } from "zod";
import { recordingSchema } from "../api/recording.ts";

/** The seam between recorder and adapter: what is asked for and what is answered. */
export const leaseRequestSchema = z.strictObject({
  /** The adapter's name, for logs and `/readyz`. */
  adapter: z.string().min(1).max(128),
  max: z.int().min(1).max(100).default(10),
  /** How long the recorder may hold the request while nothing is leasable. */
  waitMs: z.int().min(0).max(60_000).default(0),
  leaseMs: z.int().min(1_000).max(3_600_000).default(60_000),
});
export type LeaseRequest = z.input<typeof leaseRequestSchema>;

export const leaseAnswerSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      leaseId: z.string(),
      expiresAt: z.string(),
      recording: recordingSchema,
    }),
  ),
});
export type LeaseAnswer = z.infer<typeof leaseAnswerSchema>;

export const ackRequestSchema = z.strictObject({
  leaseId: z.string().min(1).max(64),
  revision: z.int().positive(),
});

export const nackRequestSchema = z.strictObject({
  leaseId: z.string().min(1).max(64),
  reason: z.string().min(1).max(2_000),
});
