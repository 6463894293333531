import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import type { z } from "zod";
import type { Log } from "../runtime/log.ts";
import { type FieldProblem, fieldProblems } from "../runtime/schema-problems.ts";

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  409: "Conflict",
  410: "Gone",
  413: "Too large",
  415: "Unsupported media type",
  416: "Range not satisfiable",
  421: "Misdirected request",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
};

/** An answer other than success, as RFC 9457 `application/problem+json`; thrown by routes, written at the edge. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly errors: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: ErrorOptions & { errors?: readonly FieldProblem[]; headers?: Record<string, string> } = {},
  ) {
    super(detail, options);
    this.name = "HttpProblem";
    this.status = status;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}

/** Writes a problem as the whole answer. */
function sendProblem(response: Response, problem: HttpProblem): void {
  response.status(problem.status).set(problem.headers).type("application/problem+json");
  response.send(
    JSON.stringify({
      type: "about:blank",
      title: TITLES[problem.status] ?? "Error",
      status: problem.status,
      detail: problem.message,
      errors: problem.errors,
    }),
  );
}

/** @throws HttpProblem 400 that names every faulty field. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldProblems(parsed.error);
  throw new HttpProblem(400, `${subject} has ${errors.length} faulty field(s)`, { errors });
}

/** The last middleware: unknown paths. */
export function unknownPath(request: Request): never {
  throw new HttpProblem(404, `${request.method} ${request.baseUrl}${request.path} does not exist`);
}

/** The error middleware: every thrown thing becomes a problem; only what is our own fault is logged as an error. */
export function problemWriter(log: Log): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      // Too late for a problem: cut the connection so that the client does not take half a body for a whole one.
      log.warn({ err: error, path: request.path }, "answer broken off");
      response.destroy();
      next();
      return;
    }
    sendProblem(response, toProblem(error, request, log));
  };
}

function toProblem(error: unknown, request: Request, log: Log): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const type = error instanceof Error && "type" in error ? error.type : undefined;
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (type === "entity.parse.failed") {
    return new HttpProblem(400, "the body is not valid JSON", {
      errors: [{ path: "", message: error instanceof Error ? error.message : "not valid JSON" }],
    });
  }
  if (type === "entity.too.large") return new HttpProblem(413, "the body is above the limit of 1 MiB");
  if (status >= 400 && status < 500 && error instanceof Error) return new HttpProblem(status, error.message);
  log.error({ err: error, method: request.method, path: request.path }, "request failed");
  return new HttpProblem(500, "an unexpected error, see the log");
}
