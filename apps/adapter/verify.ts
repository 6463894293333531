/** `npm run verify -- DIR_OR_S3`: holds an archive against its manifests; 0 all good, 1 with a line per fault. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { type VerifyCounts, verifyArchive } from "./archive/verify-archive.ts";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 2_000;

process.exitCode = await main();

async function main(): Promise<number> {
  let counts: VerifyCounts;
  try {
    counts = await verifyArchive(await readFolder(), {
      onFault: (place, fault) => process.stdout.write(`fault: ${place} ${fault}\n`),
      onUnfinished: (place) => process.stdout.write(`unfinished: ${place} has no manifest (no fault)\n`),
      onProgress: sayProgress(),
    });
  } catch (error) {
    process.stderr.write(`verify: ${describeError(error)}\n`);
    return 2;
  }
  const { interactions, versions, files, bytes, faults, unfinished } = counts;
  process.stdout.write(
    `${interactions} interactions, ${versions} versions, ${files} files, ${bytes} bytes verified: ` +
      `${faults} faults, ${unfinished} unfinished\n`,
  );
  return faults === 0 ? 0 : 1;
}

async function readFolder(): Promise<string> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [place] = positionals;
  if (place === undefined || positionals.length !== 1) {
    throw new DeskreelError("BAD_ARGUMENTS", "npm run verify takes one archive: -- FOLDER");
  }
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
  let saidAt = performance.now();
  return ({ versions, files, bytes, faults }) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    process.stderr.write(
      `  ${versions} versions, ${files} files, ${Math.round(bytes / 1e6)} MB so far, ${faults} faults\n`,
    );
  };
}
