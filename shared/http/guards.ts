import { createHash, timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { isLoopback } from "../runtime/config-schema.ts";
import { HttpProblem } from "./problem.ts";

/**
 * Refuses requests whose Host header names another machine (421), so that a web page elsewhere cannot reach a
 * loopback server by DNS rebinding.
 */
export function requireKnownHost(allowed: readonly string[]): RequestHandler {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return (request: Request, _response: Response, next: NextFunction) => {
    const host = request.headers.host ?? "";
    const name = host.replace(/:\d+$/, "").toLowerCase();
    if (!isLoopback(name) && !names.has(name)) {
      throw new HttpProblem(
        421,
        `this server does not answer for host ${JSON.stringify(host)}; add it to allowedHosts`,
      );
    }
    next();
  };
}

/** Tokens are looked up by hash, so that a look-up's time says nothing about a token. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function secretsEqual(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(tokenHash(left)), Buffer.from(tokenHash(right)));
}

/** The token of `Authorization: Bearer …` (RFC 6750), or null. */
export function bearerToken(request: Request): string | null {
  const match = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? "");
  return match?.[1] ?? null;
}

/**
 * Lets a request pass whose bearer token has one of the scopes.
 *
 * @param scopesOf - the scopes of a token, or null when it is unknown.
 */
export function requireScope(
  scopesOf: (token: string) => ReadonlySet<string> | null,
  ...scopes: readonly string[]
): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    const token = bearerToken(request);
    const held = token === null ? null : scopesOf(token);
    if (held === null) {
      const why = token === null ? "a bearer token is required" : "the bearer token is unknown";
      throw new HttpProblem(401, why, { headers: { "WWW-Authenticate": 'Bearer realm="deskreel"' } });
    }
    if (!scopes.some((scope) => held.has(scope))) {
      throw new HttpProblem(403, `the token's scope does not allow this; it takes ${scopes.join(" or ")}`);
    }
    next();
  };
}
