/**
 * The base of every error that a caller treats differently: `code` is stable, the text says subject, what was found and
 * what was allowed; `cause` keeps what lies beneath.
 */
export class DeskreelError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The text of anything thrown, with its causes, on one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node's own for a name with several addresses says nothing itself.
  const parts = error instanceof AggregateError ? error.errors.map(describeError).join(", ") : "";
  const own = error.message || parts || error.name;
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`;
}

/** Whether the error is Node's system error with this code, such as `ENOENT`. */
export function isSystemError(error: unknown, code: string): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && error.code === code;
}
