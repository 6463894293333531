import { type CertificateFiles, readPair } from "#shared/http/certificate.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { type Finding, type FindingMaker, formatSpan } from "./finding.ts";

/** Renewal is automatic or somebody's work; either shows by then. */
const SOON_MS = 14 * 86_400_000;

/** Whether a listener's certificate can be used, and how long. Nothing for one without TLS. */
export async function checkCertificate(
  group: FindingMaker,
  { name, key, tls }: { name: string; key: string; tls?: CertificateFiles | null },
  now: number,
): Promise<Finding[]> {
  if (!tls) return [];
  const what = `${name}, certificate`;
  const renew = "renew it; the running program takes the new files by itself";
  try {
    const { leaf } = await readPair(tls);
    const leftMs = leaf.validToDate.getTime() - now;
    const names = leaf.subjectAltName ?? `no names (${leaf.subject})`;
    if (leftMs <= 0)
      return [group.fail(what, `${tls.certFile} has expired ${formatSpan(-leftMs)} ago`, renew)];
    if (leaf.validFromDate.getTime() > now)
      return [
        group.fail(
          what,
          `${tls.certFile} is not valid before ${leaf.validFrom}`,
          "look at this machine's clock",
        ),
      ];
    if (leftMs < SOON_MS)
      return [group.warn(what, `${tls.certFile} expires in ${formatSpan(leftMs)}`, renew)];
    return [group.ok(what, `${names}, valid for ${formatSpan(leftMs)}`)];
  } catch (error) {
    return [group.fail(what, describeError(error), `mend ${key}.tls`)];
  }
}
