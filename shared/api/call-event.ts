import { z } from "zod";
import { parseRfc3339 } from "../time/rfc3339.ts";
import { agentIdSchema, callSessionIdSchema } from "./identity.ts";

/** What Dynamics can say happened to a call at an agent. */
export const CALL_EVENT_TYPES = [
  "ringing",
  "not-responding",
  "connected",
  "conferencing",
  "consulting",
  "consult-done",
  "on-hold",
  "hold-done",
  "wrap-up",
  "agent-available",
] as const;
export type CallEventType = (typeof CALL_EVENT_TYPES)[number];

const ATTRIBUTES_MAX = 32;
const ATTRIBUTE_KEY_MAX = 64;
const ATTRIBUTE_VALUE_MAX = 1024;

const attributesSchema = z
  .record(
    z
      .string()
      .min(1, "key must not be empty")
      .max(ATTRIBUTE_KEY_MAX, `key must have at most ${ATTRIBUTE_KEY_MAX} characters`),
    z
      .string("must be a string")
      .max(ATTRIBUTE_VALUE_MAX, `must have at most ${ATTRIBUTE_VALUE_MAX} characters`),
  )
  .refine((map) => Object.keys(map).length <= ATTRIBUTES_MAX, `must have at most ${ATTRIBUTES_MAX} entries`);

/** A date-time of the contracts (RFC 3339), read into whole milliseconds since the epoch. */
export const instantSchema = z.string().transform((text, context) => {
  const at = parseRfc3339(text);
  if (at !== null) return at;
  context.addIssue({
    code: "custom",
    message: "must be an RFC 3339 date-time, e.g. 2026-03-02T10:02:30.120Z",
  });
  return z.NEVER;
});

/** One call event as posted; parsing folds ids to lower case and `at` to epoch ms. */
export const callEventSchema = z
  .strictObject({
    id: z.string().min(1, "must not be empty").max(128, "must have at most 128 characters"),
    type: z.enum(CALL_EVENT_TYPES),
    at: instantSchema,
    agent: agentIdSchema,
    callSessionId: callSessionIdSchema.optional(),
    attributes: attributesSchema.optional(),
  })
  .refine((event) => event.type === "agent-available" || event.callSessionId !== undefined, {
    path: ["callSessionId"],
    message: "is required, except for agent-available",
    // Judged also when other fields are faulty, so that an answer names them all; unless the type or the id itself is.
    when: ({ value, issues }) =>
      isObject(value) &&
      CALL_EVENT_TYPES.some((type) => type === value["type"]) &&
      !issues.some((issue) => issue.path?.[0] === "callSessionId"),
  });

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A parsed call event; `at` in epoch ms. */
export type CallEvent = z.output<typeof callEventSchema>;

/** The answer to `POST /v1/call-events`: each event counts in exactly one of the three. */
export interface CallEventsAnswer {
  accepted: number;
  duplicates: number;
  ignored: { id: string; reason: string }[];
}
