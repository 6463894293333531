import { Router } from "express";
import { z } from "zod";
import { callSessionIdSchema } from "#shared/api/identity.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { mergeLive, type RecorderState } from "../domain/live-view.ts";
import { isVisible } from "../domain/permissions.ts";
import type { AccessLog } from "./access-log.ts";
import { permitOf } from "./access.ts";
import type { ReplayCatalogue } from "./ports.ts";

const ENDED_MOST = 50;

/** What the recorders tell of the present. */
export interface LiveSource {
  read(): Promise<RecorderState[]>;
}

export const liveQuerySchema = z.strictObject({
  /** Which opening of a page asks: for the audit, all of its requests are one view. */
  opening: z
    .string("must be given once")
    .regex(/^[A-Za-z0-9-]{1,64}$/, "must be 1 to 64 letters, digits or hyphens")
    .default(""),
  /** Calls that have ended, with commas between them: which of them can be played by now? */
  ended: z
    .string("must be given once, with commas between the calls")
    .transform((text) => text.split(","))
    .pipe(z.array(callSessionIdSchema).max(ENDED_MOST, `must name at most ${ENDED_MOST} calls`))
    .default([]),
});

export interface LiveRouteOptions {
  live: LiveSource;
  catalogue: Pick<ReplayCatalogue, "get">;
  accesses: AccessLog;
  clock: Clock;
}

/** `GET /v1/live`: who is recorded now, as far as whoever asks may see it. */
export function routeLive({ live, catalogue, accesses, clock }: LiveRouteOptions): Router {
  const routes = Router();
  routes.get("/live", async (request, response) => {
    const { identity, live: scope, visible } = permitOf(response);
    if (scope === null) throw new HttpProblem(403, `the role ${identity.role} does not allow this`);
    const { opening, ended } = parseRequest(liveQuerySchema, request.query, "the query");
    accesses.noteLive(request, response, opening);
    const recorders = await live.read();
    const isThere = (id: string) => {
      const agents = catalogue.get(id)?.manifest.agents.map(({ agent }) => agent);
      return agents !== undefined && isVisible(agents, visible);
    };
    response.json({ ...mergeLive(recorders, scope, clock.now()), ended: ended.filter(isThere) });
  });
  return routes;
}
