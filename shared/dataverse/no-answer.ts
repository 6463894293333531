import type { DurationMs } from "#shared/time/units.ts";
import { DataverseError } from "./dataverse-error.ts";

/**
 * How long a host may take to accept a connection, name and TLS included. It is what Node's `fetch` allows (undici's
 * `connectTimeout`, which cannot be set without that package); requests by Node's own client keep it too.
 */
export const CONNECT_TIMEOUT_MS: DurationMs = 10_000;

/** A request by Node's own client that got no connection in time. */
export class ConnectTimeoutError extends Error {
  override readonly name = "ConnectTimeoutError";
  readonly code = "UND_ERR_CONNECT_TIMEOUT";

  constructor(timeoutMs: DurationMs) {
    super(`no connection after ${timeoutMs} ms`);
  }
}

/**
 * What to tell of a request that failed before its answer: no connection is another fault, mended elsewhere, than no
 * answer on a connection.
 *
 * @param url - its query, which may hold a signature, is not told.
 * @returns a DataverseError `NO_ANSWER`.
 */
export function noAnswer(url: string, cause: unknown): DataverseError {
  const { protocol, hostname, port, pathname } = new URL(url);
  const place = `${protocol}//${hostname}${port && `:${port}`}${pathname}`;
  const host = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const message = isUnconnected(cause)
    ? `no connection to ${host} for ${place}; see that the address is right and that name service, firewall and network let this machine reach it`
    : `${place} did not answer`;
  return new DataverseError("NO_ANSWER", message, { status: null }, { cause });
}

/** Whether the failure, or one that it has beneath, is of the way to the host. */
function isUnconnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "UND_ERR_CONNECT_TIMEOUT" || syscall === "connect" || syscall === "getaddrinfo") return true;
  // A name with several addresses: none of them took the connection.
  if (error instanceof AggregateError) return error.errors.some(isUnconnected);
  return isUnconnected(error.cause);
}
