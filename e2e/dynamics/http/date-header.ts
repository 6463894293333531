import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { EpochMs } from "#shared/time/units.ts";

/** Puts a `Date` header of the simulator's own time on every answer. */
export function dateHeader(now: () => EpochMs): RequestHandler {
  return (_request: Request, response: Response, next: NextFunction) => {
    response.set("Date", new Date(now()).toUTCString());
    next();
  };
}
