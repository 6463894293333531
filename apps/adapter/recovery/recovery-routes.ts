import express, { Router } from "express";
import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { permitOf, requireAction, requireSameOrigin } from "../replay/access.ts";
import type { Recovery } from "./recovery.ts";

export const recoveryRangeSchema = z
  .strictObject({ from: instantSchema, to: instantSchema })
  .refine(({ from, to }) => from < to, { error: "must be later than from", path: ["to"] });

/**
 * `POST /recovery {from, to}` begins one, `GET /recovery` tells what runs and what the last one came to; for admins.
 *
 * @param recovery - null: there is no Dynamics to recover from.
 */
export function routeRecovery(recovery: Recovery | null, signal: AbortSignal): Router {
  const routes = Router();
  routes.get("/recovery", requireAction("administer"), (_request, response) => {
    response.json(known(recovery).state);
  });
  routes.post(
    "/recovery",
    requireAction("administer"),
    requireSameOrigin,
    express.json(),
    (request, response) => {
      const range = parseRequest(recoveryRangeSchema, request.body ?? {}, "the range");
      const { running } = known(recovery).state;
      if (running !== null) {
        const what = `a recovery of ${running.from} to ${running.to} is running`;
        throw new HttpProblem(409, `${what}; wait until it has ended`);
      }
      known(recovery).start(range, permitOf(response).identity.name, signal);
      response.status(202).json(known(recovery).state);
    },
  );
  return routes;
}

function known(recovery: Recovery | null): Recovery {
  if (recovery !== null) return recovery;
  throw new HttpProblem(409, "this adapter has no section dynamics to recover from");
}
