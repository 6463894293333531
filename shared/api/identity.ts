import { z } from "zod";

/** An agent: Entra object id, else UPN; compared case-insensitively, so folded to lower case at every border. */
export const agentIdSchema = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(320, "must have at most 320 characters")
  .transform((text) => text.toLowerCase());

/** Dynamics' conversation id, folded to lower case. */
export const callSessionIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "must be 1 to 64 letters, digits or hyphens")
  .transform((text) => text.toLowerCase());
