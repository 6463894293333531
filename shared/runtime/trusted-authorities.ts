import { readFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";
import { DeskreelError } from "./errors.ts";

/** Where Linux distributions keep all of the machine's authorities as one file; OpenSSL's own variable wins. */
const LINUX_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificate authorities that are trusted: Node's own, the operating system's, and the ones of a file.
 *
 * @param caFile - PEM; null: none.
 * @throws DeskreelError `BAD_CA_FILE`
 */
export function trustedAuthorities(caFile: string | null): string[] {
  const own = caFile === null ? [] : readAuthorities(caFile);
  return [...new Set([...tls.rootCertificates, ...systemAuthorities(), ...own])];
}

/**
 * Has every TLS client of this process, also `fetch`, trust {@link trustedAuthorities}, if it is to reach anything by TLS.
 *
 * @param urls - what it is going to reach.
 */
export function trustForAll(urls: readonly (string | undefined)[], caFile: string | null): void {
  if (urls.some((url) => url !== undefined && /^(https|s3):/.test(url)))
    tls.setDefaultCACertificates(trustedAuthorities(caFile));
}

function systemAuthorities(): string[] {
  // Node's own reading of Linux' store takes half a second, with everything in it twice.
  const bundled = process.platform === "linux" ? linuxBundle() : [];
  if (bundled.length > 0) return bundled;
  // Node has it from 22.15 on.
  return typeof (tls.getCACertificates as unknown) === "function" ? tls.getCACertificates("system") : [];
}

function linuxBundle(): string[] {
  const named = process.env["SSL_CERT_FILE"];
  for (const path of named === undefined ? LINUX_BUNDLES : [named]) {
    try {
      return certificatesOf(readFileSync(path, "utf8"));
    } catch {
      // Each distribution has another of these files; without any, Node's own authorities remain.
    }
  }
  return [];
}

function readAuthorities(path: string): string[] {
  let found: string[];
  try {
    found = certificatesOf(readFileSync(path, "utf8")).map((pem) => new X509Certificate(pem).toString());
  } catch (cause) {
    throw new DeskreelError("BAD_CA_FILE", `${path} (caFile) cannot be used`, { cause });
  }
  if (found.length === 0)
    throw new DeskreelError("BAD_CA_FILE", `${path} (caFile) has no certificate in PEM`);
  return found;
}

function certificatesOf(text: string): string[] {
  return text.match(PEM) ?? [];
}
