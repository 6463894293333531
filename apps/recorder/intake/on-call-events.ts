import type { RequestHandler } from "express";
import { z } from "zod";
import { callEventSchema } from "#shared/api/call-event.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentNames } from "../agents/agent-names.ts";
import { isStorageError } from "../call-buffer/database.ts";
import type { RecordingControl } from "../control/recording-control.ts";
import type { RecorderMetrics } from "../http/metrics.ts";

const MAX_EVENTS = 1_000;
const eventListSchema = z.array(callEventSchema);

/**
 * `POST /v1/call-events`: one event or an array. 202 once they are durable and decided upon; a body with any fault is
 * refused whole.
 */
export function onCallEvents(
  control: RecordingControl,
  names: AgentNames,
  clock: Clock,
  metrics: RecorderMetrics,
): RequestHandler {
  return async (request, response) => {
    // The body is complete here: the JSON parser has run.
    const receivedAt = Math.floor(clock.now());
    const body: unknown = request.body;
    const posted: unknown[] = Array.isArray(body) ? body : [body];
    if (posted.length > MAX_EVENTS) {
      throw new HttpProblem(
        413,
        `the body has ${posted.length} events; at most ${MAX_EVENTS} are taken at once`,
      );
    }
    const events = Array.isArray(body)
      ? parseRequest(eventListSchema, body, "the list of call events")
      : [parseRequest(callEventSchema, body, "the call event")];
    // Within the transaction: two agents may become one until then.
    const read = () =>
      events.map((event, index) => ({
        event: { ...event, agent: names.resolve(event.agent, "event") },
        raw: JSON.stringify(posted[index]),
      }));
    try {
      const answer = await control.takeEvents(read, receivedAt);
      metrics.countEvents(answer);
      response.status(202).json(answer);
    } catch (cause) {
      if (!isStorageError(cause)) throw cause;
      throw new HttpProblem(503, "the events cannot be stored now; send them again later", { cause });
    }
  };
}
