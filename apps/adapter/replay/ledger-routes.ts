import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { permitOf, requireAction } from "./access.ts";
import { asFaultyCursor } from "./faulty-cursor.ts";
import type { ReplayCatalogue } from "./ports.ts";

const DAY_MS = 86_400_000;
const LIMIT_MAX = 500;
const text = z.string("must be given once").trim().min(1, "must not be empty").max(256);

export const ledgerQuerySchema = z.strictObject({
  from: instantSchema.exactOptional(),
  to: instantSchema.exactOptional(),
  word: z.enum(COVERAGE_WORDS, `must be one of ${COVERAGE_WORDS.join(", ")}`).exactOptional(),
  reason: text.exactOptional(),
  agent: text.exactOptional(),
  limit: z
    .string("must be given once")
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${LIMIT_MAX}`)
    .transform(Number)
    .pipe(z.int().min(1).max(LIMIT_MAX))
    .default(200),
  /** Of the page before. */
  cursor: text.exactOptional(),
});

/**
 * `GET /v1/coverage`: what was not recorded, and why, of a time as long as one likes. The totals are those of the time and
 * the agent, as far as whoever asks may see them; word and reason narrow the lines alone. A complete interaction without
 * sound is a line only when that is what is asked for.
 */
export function routeLedger(catalogue: Pick<ReplayCatalogue, "ledger">, clock: Clock): Router {
  const routes = Router();
  routes.get("/coverage", requireAction("read-coverage"), async (request: Request, response: Response) => {
    const query = parseRequest(ledgerQuerySchema, request.query, "the query");
    const to = query.to ?? clock.now();
    const from = query.from ?? to - DAY_MS;
    if (from >= to) {
      throw new HttpProblem(400, "the query has 1 faulty field(s)", {
        errors: [{ path: "/from", message: "must be before to" }],
      });
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { visible } = permitOf(response);
    const { agent, ...rest } = query;
    const asked = {
      ...{ ...rest, from, to },
      ...(agent !== undefined && { agent: agent.toLowerCase() }),
      ...(visible !== null && { anyAgent: visible }),
    };
    const page = await catalogue.ledger(asked, gone.signal).catch((error: unknown) => {
      // Whoever asked for it has gone.
      if (gone.signal.aborted) return null;
      throw asFaultyCursor(error);
    });
    if (page === null) return;
    const { totals, items, cursor } = page;
    response.json({ from: formatInstant(from), to: formatInstant(to), totals, items, cursor });
  });
  return routes;
}
