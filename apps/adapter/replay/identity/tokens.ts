import { secretsEqual, tokenHash } from "#shared/http/guards.ts";
import type { Directory, Identity } from "./identity.ts";

const SCOPES = ["viewer", "admin"] as const;
type Scope = (typeof SCOPES)[number];

/** The secrets of the adapter's tokens file. */
export type ReplayTokens = Readonly<Record<Scope, string>>;

/** Programs, and people who open the printed URL: whoever has a token is its scope. */
export class TokenDirectory implements Directory {
  readonly #tokens: ReplayTokens;

  constructor(tokens: ReplayTokens) {
    this.#tokens = tokens;
  }

  /** Whose secret it is, with what a session that is begun by it is bound to. */
  whoHas(token: string): { identity: Identity; boundTo: string } | null {
    const scope = SCOPES.find((name) => secretsEqual(this.#tokens[name], token));
    return scope === undefined ? null : { identity: builtIn(scope), boundTo: tokenHash(token) };
  }

  /** A session ends when its token is changed. */
  identityOf(subject: string, boundTo: string): Identity | null {
    const scope = SCOPES.find((name) => subject === `token:${name}`);
    if (scope === undefined) return null;
    return secretsEqual(tokenHash(this.#tokens[scope]), boundTo) ? builtIn(scope) : null;
  }
}

function builtIn(scope: Scope): Identity {
  return {
    ...{ subject: `token:${scope}`, name: scope, role: scope },
    ...{ agentId: null, teams: [], teamAgents: [], mustChangePassword: false },
  };
}
