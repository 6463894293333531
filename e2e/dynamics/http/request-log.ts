import type { RequestHandler } from "express";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";

/** A request that was answered. */
export interface LoggedRequest {
  /** When it came. */
  readonly at: EpochMs;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly status: number;
  readonly prefer: string | null;
  readonly range: string | null;
  /** Whether an Authorization header came with it. */
  readonly authorized: boolean;
}

/** Polls of weeks must not fill the memory. */
const KEPT = 10_000;

/** The newest requests, for tests to look at. */
export class RequestLog {
  readonly #clock: Clock;
  readonly #requests: LoggedRequest[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A copy, oldest first. */
  all(): LoggedRequest[] {
    return [...this.#requests];
  }

  clear(): void {
    this.#requests.length = 0;
  }

  /** Logs every request once its answer is written, or its connection is gone. */
  middleware(): RequestHandler {
    return (request, response, next) => {
      const at = this.#clock.now();
      response.once("close", () => {
        this.#requests.push({
          at,
          method: request.method,
          url: request.originalUrl,
          status: response.statusCode,
          prefer: request.get("Prefer") ?? null,
          range: request.get("Range") ?? null,
          authorized: request.get("Authorization") !== undefined,
        });
        if (this.#requests.length > KEPT) this.#requests.splice(0, this.#requests.length - KEPT);
      });
      next();
    };
  }
}
