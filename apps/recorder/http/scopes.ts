import { tokenHash } from "#shared/http/guards.ts";

/** The bootstrap secrets of the tokens file. The first three are bearer tokens and name their scope. */
export const TOKEN_NAMES = ["integration", "admin", "adapter", "webhookKey", "enrollment"] as const;
export type RecorderTokens = Record<(typeof TOKEN_NAMES)[number], string>;

/** Looks up what a bearer token may do; null = unknown token. */
export function scopesOfTokens(tokens: RecorderTokens): (token: string) => ReadonlySet<string> | null {
  const scopes = new Map<string, ReadonlySet<string>>();
  for (const name of ["integration", "admin", "adapter"] as const) {
    scopes.set(tokenHash(tokens[name]), new Set([name]));
  }
  return (token) => scopes.get(tokenHash(token)) ?? null;
}
