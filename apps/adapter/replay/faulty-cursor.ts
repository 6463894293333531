import { DeskreelError } from "#shared/runtime/errors.ts";
import { HttpProblem } from "#shared/http/problem.ts";

/** The 400 that a cursor of no such list is answered with; any other error as it is. */
export function asFaultyCursor(cause: unknown): unknown {
  if (!(cause instanceof DeskreelError) || cause.code !== "BAD_CURSOR") return cause;
  return new HttpProblem(400, "the query has 1 faulty field(s)", {
    cause,
    errors: [{ path: "/cursor", message: cause.message }],
  });
}
