/**
 * `npm run verify -- FOLDER_OR_S3 [--key FILE] [--audit ADAPTER_DB]`: holds an archive against its manifests, their signatures and its chain; ends
 * with 0 when all is good, with 1 and a line per fault, with 2 when it cannot be verified.
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { type PublicKeys, readPublicKeys } from "./archive/signing-key.ts";
import type { ArchiveStorage } from "./archive/storage/archive-storage.ts";
import { FolderStorage } from "./archive/storage/folder-storage.ts";
import { readS3Credentials } from "./archive/storage/open-storage.ts";
import { parseS3Url } from "./archive/storage/s3/s3-place.ts";
import { S3Storage } from "./archive/storage/s3/s3-storage.ts";
import { type AuditVerdict, verifyAudit } from "./store/audit-inspection.ts";
import { type Verified, type VerifyCounts, verifyArchive } from "./archive/verify-archive.ts";

const USAGE =
  "npm run verify takes one archive: -- FOLDER [--key FILE] [--audit ADAPTER_DB], or -- s3://BUCKET/PREFIX [--key FILE] [--audit ADAPTER_DB] [--endpoint URL] [--region NAME] [--credentials FILE]";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 2_000;

process.exitCode = await main();

async function main(): Promise<number> {
  let verified: Verified;
  let audit: AuditVerdict | null = null;
  try {
    const { place, key, audit: auditFile, ...s3 } = readArguments();
    const keys = key === undefined ? null : await readKeys(key);
    await using storage = await openForReading(place, s3);
    const report = {
      onFault: (at: string, fault: string) => process.stdout.write(`fault: ${at} ${fault}\n`),
      onUnfinished: (at: string, what: string) =>
        process.stdout.write(`unfinished: ${at} ${what} (no fault)\n`),
      onProgress: sayProgress(),
    };
    verified = await verifyArchive(storage, report, keys);
    if (auditFile !== undefined) audit = await verifyAudit(resolve(auditFile), verified.chain?.anchors ?? []);
  } catch (error) {
    process.stderr.write(`verify: ${describeError(error)}\n`);
    return 2;
  }
  const { interactions, versions, files, bytes, faults, unfinished } = verified;
  process.stdout.write(`${describeProof(verified)}\n`);
  process.stdout.write(
    `${interactions} interactions, ${versions} versions, ${files} files, ${bytes} bytes verified: ` +
      `${faults} faults, ${unfinished} unfinished\n`,
  );
  if (audit !== null) process.stdout.write(describeAudit(audit));
  return faults + (audit?.faults.length ?? 0) === 0 ? 0 : 1;
}

function describeAudit({ entries, sha256, faults }: AuditVerdict): string {
  const lines = faults.map(({ number, fault }) => `fault: audit log, entry ${number} ${fault}`);
  const newest = sha256 ?? "(none)";
  return [
    ...lines,
    `audit log of ${entries} entries, the newest has sha256 ${newest}: ${faults.length} faults`,
    "",
  ].join("\n");
}

/** What else the archive was held against than its own manifests. */
function describeProof({ chain, exported }: Verified): string {
  if (exported !== null) {
    return `an export of interaction ${exported.interactionId}, version ${exported.version}: the archive's chain is not in it`;
  }
  return chain === null
    ? "not signed: only files were held against manifests; an adapter that opens this archive signs it"
    : `chain of ${chain.entries} entries, the newest has sha256 ${chain.newest?.sha256 ?? "(none)"}`;
}

interface S3Arguments {
  endpoint?: string;
  region?: string;
  credentials?: string;
}

function readArguments(): S3Arguments & { place: string; key?: string; audit?: string } {
  const option = { type: "string" } as const;
  let parsed: { values: S3Arguments & { key?: string; audit?: string }; positionals: string[] };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { key: option, audit: option, endpoint: option, region: option, credentials: option },
    });
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
  const [place] = parsed.positionals;
  const { values } = parsed;
  const isForS3 = [values.endpoint, values.region, values.credentials].some((value) => value !== undefined);
  const isWrong = parsed.positionals.length !== 1 || (isForS3 && !place?.startsWith("s3:"));
  if (place === undefined || isWrong) throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  return { ...values, place };
}

async function readKeys(file: string): Promise<PublicKeys> {
  try {
    return readPublicKeys(await readFile(file, "utf8"), file);
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", `--key ${file} cannot be used`, { cause });
  }
}

/** What is not given for S3 is taken as AWS' own tools take it. */
async function openForReading(place: string, given: S3Arguments): Promise<ArchiveStorage> {
  if (!place.startsWith("s3:")) return new FolderStorage(await readFolder(place));
  const { env } = process;
  return S3Storage.reader(parseS3Url(place), {
    endpoint: given.endpoint ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"] ?? null,
    region: given.region ?? env["AWS_REGION"] ?? null,
    credentials: given.credentials === undefined ? null : await readS3Credentials(given.credentials),
    ...{ encryption: null, kmsKeyId: null, objectLock: null },
  });
}

async function readFolder(place: string): Promise<string> {
  const folder = place.startsWith("file:///") ? fileURLToPath(place) : resolve(place.replace(/^file:/, ""));
  const found = await stat(folder).catch((cause: unknown) => {
    throw new DeskreelError("BAD_ARGUMENTS", `${folder} cannot be read`, { cause });
  });
  if (found.isDirectory()) return folder;
  throw new DeskreelError("BAD_ARGUMENTS", `${folder} is not a folder`);
}

function sayProgress(): (counts: VerifyCounts) => void {
  // In a file or a pipe nobody waits for it, and only what was found belongs there.
  if (!process.stderr.isTTY) return () => {};
  let saidAt = performance.now();
  return ({ versions, files, bytes, faults }) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    process.stderr.write(
      `  ${versions} versions, ${files} files, ${Math.round(bytes / 1e6)} MB so far, ${faults} faults\n`,
    );
  };
}
