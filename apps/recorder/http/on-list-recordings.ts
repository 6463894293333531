import type { RequestHandler } from "express";
import { z } from "zod";
import { agentIdSchema, callSessionIdSchema } from "#shared/api/identity.ts";
import { RECORDING_PHASES } from "#shared/api/recording.ts";
import { parseRequest } from "#shared/http/problem.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { RecordingReader } from "../call-buffer/recording-reader.ts";
import { cursorSchema, encodeCursor, limitSchema } from "./list-query.ts";

export const recordingsQuerySchema = z.strictObject({
  phase: z.enum(RECORDING_PHASES).optional(),
  agent: agentIdSchema.optional(),
  callSessionId: callSessionIdSchema.optional(),
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});

/** `GET /v1/recordings`: newest first; an agent is found by any of its names. */
export function onListRecordings(recordings: RecordingReader, names: AgentDirectory): RequestHandler {
  return (request, response) => {
    const { limit, cursor, agent, ...filter } = parseRequest(
      recordingsQuerySchema,
      request.query,
      "the query",
    );
    const id = agent === undefined ? undefined : (names.find(agent) ?? agent);
    const { items, next } = recordings.list({ ...filter, agent: id }, limit, cursor ?? null);
    response.json({ items, cursor: encodeCursor(next) });
  };
}
