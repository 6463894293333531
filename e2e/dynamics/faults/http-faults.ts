import { setTimeout as sleep } from "node:timers/promises";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { DataverseError } from "../odata/dataverse-error.ts";
import type { FaultSettings, WebApiRule } from "./fault-settings.ts";
import type { Faults, FaultyRequest } from "./faults.ts";
import { LIMIT_ERRORS } from "./service-limits.ts";

/**
 * Answers of the Web API that the rules spoil.
 *
 * @param refuseToken - answers as for a token whose time has come.
 */
export function webApiFaults(faults: Faults, refuseToken: (response: Response) => void): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const rule = faults.take("webApi", subjectOf(request));
    if (rule === null) {
      next();
      return;
    }
    switch (rule.fault) {
      case "slow":
        await answerLate(rule.delayMs, response, next);
        return;
      case "torn":
        tearBody(response);
        next();
        return;
      case "unavailable":
        sendUnavailable(response, rule);
        return;
      case "expired":
        refuseToken(response);
        return;
      case "too-many-requests":
      case "too-much-time":
      case "too-many-at-once":
        setRetryAfter(response, rule);
        throw limitError(rule.fault, faults.settings.limits);
      case "forbidden":
        throw new DataverseError(
          403,
          "0x80040220",
          "Principal user (Id=d89254ff-9438-4f11-a315-000d3a5a54dc, type=8, roleCount=1, accessMode=4) is missing a privilege for this operation.",
        );
      case "not-found":
        throw new DataverseError(404, "0x80040217", "The row Does Not Exist");
    }
  };
}

/** Answers of the token endpoint that the rules spoil; a wrong secret is the endpoint's own matter, told by `refuse`. */
export function tokenFaults(faults: Faults, refuse: (response: Response) => void): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const rule = faults.take("token", subjectOf(request));
    if (rule === null) {
      next();
      return;
    }
    switch (rule.fault) {
      case "slow":
        await answerLate(rule.delayMs, response, next);
        return;
      case "torn":
        tearBody(response);
        next();
        return;
      case "unavailable":
        sendUnavailable(response, rule);
        return;
      case "invalid-secret":
        refuse(response);
    }
  };
}

export function subjectOf(request: Request): FaultyRequest {
  return { method: request.method, target: decoded(request.originalUrl) };
}

/** A URL that is not percent-encoded is the route's to refuse. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function limitError(fault: WebApiRule["fault"], limits: FaultSettings["limits"]): DataverseError {
  if (fault === "too-many-requests") return LIMIT_ERRORS.requests(limits.requests, limits.windowS);
  return fault === "too-much-time" ? LIMIT_ERRORS.time(limits.windowS) : LIMIT_ERRORS.atOnce(limits.atOnce);
}

/** A caller that leaves before is not answered. */
async function answerLate(delayMs: number, response: Response, next: NextFunction): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  await sleep(delayMs, undefined, { signal: left.signal }).catch(() => undefined);
  if (!left.signal.aborted) next();
}

/**
 * The whole length is promised, half of the first piece is sent, and the connection cut; an answer without body is cut
 * before its head.
 */
function tearBody(response: Response): void {
  const [write, end] = [response.write.bind(response), response.end.bind(response)];
  const cut = (chunk?: unknown): boolean => {
    Object.assign(response, { write, end });
    const bytes = Buffer.from(typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : "");
    if (bytes.length === 0) response.destroy();
    else {
      if (!response.hasHeader("Content-Length")) response.setHeader("Content-Length", bytes.length);
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.destroy());
    }
    return false;
  };
  response.write = cut as Response["write"];
  response.end = ((chunk?: unknown) => {
    cut(chunk);
    return response;
  }) as Response["end"];
}

type Waiting = Pick<WebApiRule, "retryAfterS" | "retryAfterAs">;

/** A date counts from the answer's own, as the clock of whoever answers has it. */
function setRetryAfter(response: Response, { retryAfterS, retryAfterAs }: Waiting): void {
  const from = Date.parse(String(response.get("Date")));
  const text =
    retryAfterAs === "date" ? new Date(from + retryAfterS * 1_000).toUTCString() : String(retryAfterS);
  response.set("Retry-After", text);
}

/** What the proxies in front of Dataverse and Entra say: no JSON. */
function sendUnavailable(response: Response, rule: Waiting): void {
  setRetryAfter(response, rule);
  response.status(503).type("text/html");
  response.send("<html><body><h2>Our services aren't available right now</h2></body></html>");
}
