import type { Request } from "express";
import type { Asker } from "../../domain/permissions.ts";

/** A person or a program, as replay knows it. */
export interface Identity extends Asker {
  /** What does not change when a name does: `account:ID`, `token:admin`. */
  subject: string;
  /** As the audit log has it. */
  name: string;
  /** That the person is in charge of. */
  teams: readonly { id: string; name: string }[];
  /** Nothing else may be done before the password is another one. */
  mustChangePassword: boolean;
}

/**
 * THE SEAM for whoever says who somebody is. Local accounts and the tokens file do so now; a provider of OpenID Connect
 * would, after its own sign-in, begin sessions of `oidc:ISSUER/SUBJECT` and resolve them here.
 */
export interface Directory {
  /**
   * Who a session's subject is at this moment, so that what is changed counts at once.
   *
   * @param boundTo - what the session was begun with.
   * @returns null: nobody any more.
   */
  identityOf(subject: string, boundTo: string): Identity | null;
}

/** Tells who asks. */
export interface Identities {
  /** By a bearer token or a session's cookie; null: nobody that is known. */
  whoAsks(request: Request): Identity | null;
  /** By the session's cookie alone. */
  whoIsSignedIn(request: Request): Identity | null;
}
