import type { RequestHandler } from "express";
import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { agentIdSchema, callSessionIdSchema } from "#shared/api/identity.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { LedgerFilter } from "../call-buffer/ledger-query.ts";
import type { LedgerReader } from "../call-buffer/ledger-reader.ts";
import { cursorSchema, encodeCursor, limitSchema } from "./list-query.ts";
import { writeCoverageCsv } from "./on-coverage-csv.ts";

const rangeSchema = {
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  agent: agentIdSchema.optional(),
  callSessionId: callSessionIdSchema.optional(),
  word: z.enum(COVERAGE_WORDS).optional(),
  format: z.enum(["json", "csv"]).optional(),
};
export const coverageQuerySchema = forward(
  z.strictObject({ ...rangeSchema, limit: limitSchema, cursor: cursorSchema.optional() }),
);
/** The whole range comes at once, so there are no pages to ask for. */
const wholeSchema = forward(z.strictObject(rangeSchema));

function forward<Schema extends z.ZodType<{ from?: number | undefined; to?: number | undefined }>>(
  schema: Schema,
) {
  return schema.refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["to"],
    message: "must be later than from",
  });
}

/**
 * `GET /v1/coverage`: the ledger, newest first: every recording, and every call event that none has, that overlaps
 * [from, to). Paged as JSON; the whole range as CSV where that is asked for.
 */
export function onCoverage(ledger: LedgerReader, names: AgentDirectory): RequestHandler {
  const filterOf = ({ agent, ...filter }: LedgerFilter): LedgerFilter => ({
    ...filter,
    agent: agent === undefined ? undefined : (names.find(agent) ?? agent),
  });
  return async (request, response) => {
    response.vary("Accept");
    const format = request.query["format"] ?? request.accepts("json", "csv");
    if (format === false) throw new HttpProblem(406, "the ledger comes as application/json or text/csv");
    if (format === "csv") {
      const { format: _, ...filter } = parseRequest(wholeSchema, request.query, "the query");
      await writeCoverageCsv(ledger, filterOf(filter), response);
      return;
    }
    const {
      format: _,
      limit,
      cursor,
      ...filter
    } = parseRequest(coverageQuerySchema, request.query, "the query");
    const { items, next } = ledger.list(filterOf(filter), limit, cursor ?? null);
    response.json({ items, cursor: encodeCursor(next) });
  };
}
