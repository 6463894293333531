import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { DataverseError } from "../odata/dataverse-error.ts";
import type { Faults } from "./faults.ts";

/** Dataverse's limit of time that requests may take in a window, which the simulator only tells of. */
const EXECUTION_TIME_LIMIT_S = 1_200;

/** The three service protection limits (learn.microsoft.com, "Service protection API limits"). */
export const LIMIT_ERRORS = {
  requests: (limit: number, windowS: number) =>
    new DataverseError(
      429,
      "0x80072322",
      `Number of requests exceeded the limit of ${limit} over time window of ${windowS} seconds.`,
    ),
  time: (windowS: number) =>
    new DataverseError(
      429,
      "0x80072321",
      `Combined execution time of incoming requests exceeded limit of ${EXECUTION_TIME_LIMIT_S * 1_000} milliseconds over time window of ${windowS} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
    ),
  atOnce: (limit: number) =>
    new DataverseError(429, "0x80072326", `Number of concurrent requests exceeded the limit of ${limit}.`),
} as const;

/**
 * Counts requests over a sliding window and at the same time; refuses with 429 and `Retry-After` beyond the limits, and
 * tells what is left. All requests are one user's: the simulated tenant has one application.
 */
export function serviceLimits(faults: Faults, clock: Clock): RequestHandler {
  const taken: EpochMs[] = [];
  let underWay = 0;
  return (_request: Request, response: Response, next: NextFunction) => {
    const { requests, windowS, atOnce } = faults.settings.limits;
    const now = clock.now();
    while (taken[0] !== undefined && taken[0] <= now - windowS * 1_000) taken.shift();
    if (underWay >= atOnce) {
      response.set("Retry-After", "1");
      throw LIMIT_ERRORS.atOnce(atOnce);
    }
    const oldest = taken[taken.length - requests];
    if (oldest !== undefined) {
      response.set("Retry-After", String(Math.ceil((oldest + windowS * 1_000 - now) / 1_000)));
      throw LIMIT_ERRORS.requests(requests, windowS);
    }
    taken.push(now);
    response.set({
      "x-ms-ratelimit-burst-remaining-xrm-requests": String(requests - taken.length),
      "x-ms-ratelimit-time-remaining-xrm-requests": String(EXECUTION_TIME_LIMIT_S),
    });
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
    });
    next();
  };
}
