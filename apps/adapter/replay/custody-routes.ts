import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Act } from "../archive/custody.ts";
import { permitOf, requireAction, requireSameOrigin, visibleInteraction } from "./access.ts";
import type { ReplayCatalogue, ReplayCustody } from "./ports.ts";

const REASON_MAX = 1_024;
const AUDIT_LIMIT_MAX = 1_000;

export const holdSchema = z
  .strictObject({
    reason: z
      .string("must be a text")
      .max(REASON_MAX, `must have at most ${REASON_MAX} characters`)
      .default(""),
  })
  .prefault({});

const number = z
  .string("must be given once")
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number);
export const auditQuerySchema = z.strictObject({
  limit: number.pipe(z.int().min(1).max(AUDIT_LIMIT_MAX)).default(100),
  cursor: z
    .string("must be given once")
    .regex(/^\d{1,15}$/, "must be one that a page of the audit has answered")
    .transform(Number)
    .exactOptional(),
});

/** Legal holds, and what was done to and with interactions. */
export function routeCustody(
  { acts, audit, auditCheck }: ReplayCustody,
  catalogue: Pick<ReplayCatalogue, "get">,
): Router {
  const routes = Router();
  const hold = "/interactions/:id/legal-hold";
  const guards: RequestHandler[] = [requireAction("hold"), requireSameOrigin, express.json()];

  routes.put(hold, ...guards, async (request, response) => {
    await act(catalogue, request, response, (wanted) => acts.hold(wanted));
    response.json({ legalHold: true });
  });

  routes.delete(hold, ...guards, async (request, response) => {
    await act(catalogue, request, response, (wanted) => acts.release(wanted));
    response.json({ legalHold: false });
  });

  routes.get("/audit", requireAction("read-audit"), async (request, response) => {
    const { limit, cursor } = parseRequest(auditQuerySchema, request.query, "the query");
    const { rows, next } = audit.list(limit, cursor ?? null);
    const { checkedAt, ...chain } = await auditCheck.verdict();
    response.json({
      items: rows.map((row) => ({ ...row, at: formatInstant(row.at) })),
      cursor: next === null ? null : String(next),
      chain: { ...chain, checkedAt: formatInstant(checkedAt) },
    });
  });
  return routes;
}

async function act(
  catalogue: Pick<ReplayCatalogue, "get">,
  request: Request,
  response: Response,
  carryOut: (wanted: Act) => Promise<void>,
): Promise<void> {
  const { reason } = parseRequest(holdSchema, request.body ?? {}, "the body");
  const { interactionId } = visibleInteraction(catalogue, response, String(request.params["id"])).manifest;
  try {
    await carryOut({ interactionId, by: permitOf(response).identity.name, reason: reason.toWellFormed() });
  } catch (cause) {
    if (!(cause instanceof DeskreelError) || cause.code !== "UNKNOWN_INTERACTION") throw cause;
    throw new HttpProblem(404, cause.message, { cause });
  }
}
