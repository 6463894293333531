/**
 * `npm run verify -- FOLDER [--key FILE]`: holds an archive against its manifests, their signatures and its chain; ends
 * with 0 when all is good, with 1 and a line per fault, with 2 when it cannot be verified.
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { type PublicKeys, readPublicKeys } from "./archive/signing-key.ts";
import { type Verified, type VerifyCounts, verifyArchive } from "./archive/verify-archive.ts";

const USAGE = "npm run verify takes one archive: -- FOLDER [--key FILE]";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 2_000;

process.exitCode = await main();

async function main(): Promise<number> {
  let verified: Verified;
  try {
    const { place, keyFile } = readArguments();
    const keys = keyFile === undefined ? null : await readKeys(keyFile);
    const report = {
      onFault: (at: string, fault: string) => process.stdout.write(`fault: ${at} ${fault}\n`),
      onUnfinished: (at: string, what: string) =>
        process.stdout.write(`unfinished: ${at} ${what} (no fault)\n`),
      onProgress: sayProgress(),
    };
    verified = await verifyArchive(await readFolder(place), report, keys);
  } catch (error) {
    process.stderr.write(`verify: ${describeError(error)}\n`);
    return 2;
  }
  const { interactions, versions, files, bytes, faults, unfinished, chain } = verified;
  process.stdout.write(
    chain === null
      ? "not signed: only files were held against manifests; an adapter that opens this archive signs it\n"
      : `chain of ${chain.entries} entries, the newest has sha256 ${chain.newest?.sha256 ?? "(none)"}\n`,
  );
  process.stdout.write(
    `${interactions} interactions, ${versions} versions, ${files} files, ${bytes} bytes verified: ` +
      `${faults} faults, ${unfinished} unfinished\n`,
  );
  return faults === 0 ? 0 : 1;
}

function readArguments(): { place: string; keyFile: string | undefined } {
  let parsed: { values: { key?: string }; positionals: string[] };
  try {
    parsed = parseArgs({ allowPositionals: true, options: { key: { type: "string" } } });
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
  const [place] = parsed.positionals;
  if (place === undefined || parsed.positionals.length !== 1) throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  return { place, keyFile: parsed.values.key };
}

async function readKeys(file: string): Promise<PublicKeys> {
  try {
    return readPublicKeys(await readFile(file, "utf8"), file);
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", `--key ${file} cannot be used`, { cause });
  }
}

async function readFolder(place: string): Promise<string> {
  if (place.startsWith("s3:")) {
    throw new DeskreelError(
      "NOT_BUILT_YET",
      `${place}: archives in S3 are not built yet; verify takes a folder`,
    );
  }
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
