import { expect, test } from "vitest";
import { faultOfConnecting, isCertificateFault } from "./connection-fault.ts";

test.each([
  ["CERT_HAS_EXPIRED", "certificate-expired", true],
  ["CERT_NOT_YET_VALID", "certificate-not-yet-valid", true],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate-wrong-name", true],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate-unknown-issuer", true],
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate-unknown-issuer", true],
  ["INVALID_CA", "certificate", true],
  ["PROXY_SIGN_IN", "proxy-sign-in", false],
  ["PROXY_REFUSED", "proxy", false],
  ["ECONNREFUSED", "unreachable", false],
  ["toString", "unreachable", false],
  [null, "unreachable", false],
])("a connection that fails with %s is %s", (code, reason, isCertificate) => {
  expect([faultOfConnecting(code), isCertificateFault(code)]).toEqual([reason, isCertificate]);
});
