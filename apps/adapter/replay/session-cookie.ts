import { createHmac, randomBytes } from "node:crypto";
import { secretsEqual } from "#shared/http/guards.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** Who may see replay; `admin` may do all that `viewer` may. */
const SCOPES = ["viewer", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** The secret of each scope. */
export type ReplayTokens = Readonly<Record<Scope, string>>;

export const SESSION_COOKIE = "deskreel_session";
/** A working day and a bit; then the person signs in again. */
export const SESSION_LASTS_MS = 12 * 60 * 60_000;

/**
 * Makes the value of a session cookie: a random id, the scope and the end, signed with the scope's token. So a session
 * survives a restart of the adapter, needs no store, and ends when its token is changed.
 */
export function issueSession(tokens: ReplayTokens, scope: Scope, now: EpochMs): string {
  const id = randomBytes(18).toString("base64url");
  const claims = `${id}.${scope}.${Math.floor((now + SESSION_LASTS_MS) / 1000)}`;
  return `${claims}.${signature(tokens[scope], claims)}`;
}

/** The scope that a session cookie grants, or null when it is forged, of another token, or over. */
export function readSession(tokens: ReplayTokens, cookie: string, now: EpochMs): Scope | null {
  const [id, scopeName, endsAtS, sign, ...rest] = cookie.split(".");
  const scope = SCOPES.find((known) => known === scopeName);
  if (scope === undefined || sign === undefined || rest.length > 0) return null;
  if (!secretsEqual(sign, signature(tokens[scope], `${id}.${scope}.${endsAtS}`))) return null;
  return Number(endsAtS) * 1000 > now ? scope : null;
}

/** The scope of a token, or null when it is unknown. */
export function scopeOfToken(tokens: ReplayTokens, token: string): Scope | null {
  return SCOPES.find((scope) => secretsEqual(tokens[scope], token)) ?? null;
}

/** The value of one cookie of a `Cookie` header (RFC 6265), or null. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? "").split(";")) {
    const [key, ...value] = pair.split("=");
    if (key?.trim() === name) return value.join("=").trim();
  }
  return null;
}

function signature(token: string, claims: string): string {
  return createHmac("sha256", token).update(`deskreel session|${claims}`).digest("base64url");
}
