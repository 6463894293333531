import { CLOSE_CODES } from "#shared/protocol/messages.ts";
import { faultOfConnecting } from "../domain/connection-fault.ts";
import type { OfflineReason } from "../domain/agent-session.ts";
import type { ConnectionEnd } from "./recorder-connection.ts";

/** What a connection's end says about why. */
export function offlineReason(end: ConnectionEnd): OfflineReason {
  switch (end.code) {
    case CLOSE_CODES.unauthorized:
      return "unauthorized";
    case CLOSE_CODES.revoked:
      return "revoked";
    case CLOSE_CODES.waitsForApproval:
      return "waits-for-approval";
    case CLOSE_CODES.replaced:
      return "replaced";
    case CLOSE_CODES.silent:
      return "silent";
    case CLOSE_CODES.protocolViolation:
      return "refused";
    default:
      return faultOfConnecting(end.faultCode);
  }
}
