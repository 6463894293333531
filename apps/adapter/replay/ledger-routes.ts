import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { type LedgerLine, ledgerTotals } from "../domain/ledger.ts";
import { isVisible } from "../domain/permissions.ts";
import { permitOf, requireAction } from "./access.ts";
import type { ReplayCatalogue } from "./ports.ts";

const DAY_MS = 86_400_000;
const DAYS_MOST = 31;
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
  /** The interaction that the page before ended with. */
  cursor: text.exactOptional(),
});

/**
 * `GET /v1/coverage`: what was not recorded, and why. The totals are those of the time and the agent, as far as
 * whoever asks may see them; word and reason
 * narrow the lines alone. A complete interaction without sound is a line only when that is what is asked for.
 */
export function routeLedger(catalogue: Pick<ReplayCatalogue, "ledger">, clock: Clock): Router {
  const routes = Router();
  routes.get("/coverage", requireAction("read-coverage"), async (request: Request, response: Response) => {
    const query = parseRequest(ledgerQuerySchema, request.query, "the query");
    const to = query.to ?? clock.now();
    const from = query.from ?? to - DAY_MS;
    if (from >= to || to - from > DAYS_MOST * DAY_MS + DAY_MS / 2) {
      const message = `must be before to, and ${DAYS_MOST} days before it at most`;
      throw new HttpProblem(400, "the query has 1 faulty field(s)", { errors: [{ path: "/from", message }] });
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const read = await catalogue.ledger({ from, to }, gone.signal).catch((error: unknown) => {
      // Whoever asked for it has gone.
      if (gone.signal.aborted) return null;
      throw error;
    });
    if (read === null) return;
    const agent = query.agent?.toLowerCase();
    const { visible } = permitOf(response);
    const seen = read.filter(({ agents }) => isVisible(idsOf(agents), visible));
    const ofAgent = seen.filter(
      ({ agents }) => agent === undefined || idsOf(agents).some((id) => id.toLowerCase() === agent),
    );
    const lines = ofAgent.filter((line) => isAskedFor(line, query));
    const start = lines.findIndex(({ interactionId }) => interactionId === query.cursor) + 1;
    const items = lines.slice(start, start + query.limit);
    response.json({
      ...{ from: formatInstant(from), to: formatInstant(to), totals: ledgerTotals(ofAgent), items },
      cursor: start + items.length < lines.length ? (items.at(-1)?.interactionId ?? null) : null,
    });
  });
  return routes;
}

function idsOf(agents: LedgerLine["agents"]): string[] {
  return agents.map(({ agent }) => agent);
}

function isAskedFor(
  line: LedgerLine,
  { word, reason }: { word?: LedgerLine["word"]; reason?: string },
): boolean {
  if (word !== undefined && line.word !== word) return false;
  if (reason !== undefined) return line.missing.some((missing) => missing.reason === reason);
  return word !== undefined || line.word !== "recorded";
}
