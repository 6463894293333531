import type { OfflineReason } from "./agent-session.ts";

/**
 * What the code of a failed attempt to connect means for a person: Node's and OpenSSL's for TLS, our own for proxies.
 * What is not in the list is a recorder that cannot be reached.
 */
const REASONS: Readonly<Record<string, OfflineReason>> = {
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate-wrong-name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate-unknown-issuer",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate-unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT: "certificate-unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate-unknown-issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate-unknown-issuer",
  CERT_UNTRUSTED: "certificate",
  CERT_REVOKED: "certificate",
  CERT_REJECTED: "certificate",
  CERT_CHAIN_TOO_LONG: "certificate",
  CERT_SIGNATURE_FAILURE: "certificate",
  INVALID_CA: "certificate",
  INVALID_PURPOSE: "certificate",
  PATH_LENGTH_EXCEEDED: "certificate",
  PROXY_UNREACHABLE: "proxy",
  PROXY_REFUSED: "proxy",
  PROXY_SIGN_IN: "proxy-sign-in",
};

export function faultOfConnecting(code: string | null): OfflineReason {
  return (code !== null && Object.hasOwn(REASONS, code) ? REASONS[code] : undefined) ?? "unreachable";
}

/** Whether it is the recorder's certificate that is refused: then the way to it works, and another one leads to the same. */
export function isCertificateFault(code: string | null): boolean {
  return faultOfConnecting(code).startsWith("certificate");
}
