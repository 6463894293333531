import type { Request } from "express";
import { bearerToken } from "#shared/http/guards.ts";
import type { Directory, Identities } from "./identity.ts";
import type { Sessions } from "./sessions.ts";
import type { TokenDirectory } from "./tokens.ts";

/** Programs by their bearer token, people by their session: of whichever directory knows its subject. */
export function knownIdentities(options: {
  tokens: TokenDirectory;
  accounts: Directory;
  sessions: Sessions;
}): Identities {
  const { tokens, accounts, sessions } = options;
  const directories: readonly Directory[] = [tokens, accounts];
  const whoIsSignedIn = (request: Request) => {
    const session = sessions.read(request);
    if (session === null) return null;
    for (const directory of directories) {
      const identity = directory.identityOf(session.subject, session.boundTo);
      if (identity !== null) return identity;
    }
    return null;
  };
  return {
    whoIsSignedIn,
    whoAsks: (request) => {
      const token = bearerToken(request);
      // A program that shows a token wants to be known by it, and not by what a browser has left.
      return token === null ? whoIsSignedIn(request) : (tokens.whoHas(token)?.identity ?? null);
    },
  };
}
