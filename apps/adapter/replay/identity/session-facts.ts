import { type AccessPolicy, type Action, liveScope, mayDo } from "../../domain/permissions.ts";
import type { Identity } from "./identity.ts";

/** What `GET /session` says: who is signed in, and what the page need not offer. The server checks each call all the same. */
export function describeSession(who: Identity, policy: AccessPolicy, isSimulated: boolean) {
  const may = (action: Action) => mayDo(who, action, policy);
  const { name, role, teams, agentId, mustChangePassword } = who;
  return {
    ...{ name, role, teams, agentId, mustChangePassword },
    /** Whether there is a password of one's own to change. */
    hasAccount: who.subject.startsWith("account:"),
    canPlaceCall: isSimulated && may("place-call"),
    mayExport: may("export"),
    mayHold: may("hold"),
    mayReadNotes: may("read-notes"),
    mayComment: may("comment"),
    mayReadTrail: may("read-trail"),
    maySeeLive: liveScope(who, policy) !== null,
    mayReadAudit: may("read-audit"),
    mayReadCoverage: may("read-coverage"),
    mayAdminister: may("administer"),
  };
}
