import type { RequestHandler } from "express";
import { z } from "zod";
import { agentIdSchema, callSessionIdSchema } from "#shared/api/identity.ts";
import { RECORDING_PHASES } from "#shared/api/recording.ts";
import { parseRequest } from "#shared/http/problem.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { ListPosition, RecordingReader } from "../call-buffer/recording-reader.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;

const positionSchema = z.tuple([z.number(), z.string().min(1)]);

const cursorSchema = z.string().transform((text, context): ListPosition => {
  const parsed = positionSchema.safeParse(decodeJson(text));
  if (parsed.success) return { startedAt: parsed.data[0], id: parsed.data[1] };
  context.addIssue({ code: "custom", message: "must be the cursor of an earlier answer" });
  return z.NEVER;
});

const querySchema = z.strictObject({
  phase: z.enum(RECORDING_PHASES).optional(),
  agent: agentIdSchema.optional(),
  callSessionId: callSessionIdSchema.optional(),
  limit: z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, `must be 1 to ${LIMIT_MAX}`)
    .default(LIMIT_DEFAULT),
  cursor: cursorSchema.optional(),
});

/** `GET /v1/recordings`: newest first; an agent is found by any of its names. */
export function onListRecordings(recordings: RecordingReader, names: AgentDirectory): RequestHandler {
  return (request, response) => {
    const { limit, cursor, agent, ...filter } = parseRequest(querySchema, request.query, "the query");
    const id = agent === undefined ? undefined : (names.find(agent) ?? agent);
    const { items, next } = recordings.list({ ...filter, agent: id }, limit, cursor ?? null);
    response.json({ items, cursor: next === null ? null : encodeCursor(next) });
  };
}

function encodeCursor({ startedAt, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([startedAt, id])).toString("base64url");
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return null; // The schema says what is wrong.
  }
}
