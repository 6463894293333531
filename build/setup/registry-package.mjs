// @ts-check
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { runCommand } from "./command.mjs";
import { runNpm } from "./npm.mjs";
import { SetupError } from "./setup-error.mjs";

const LOOK_EVERY_MS = 1_000;

/**
 * Fetches one package of the npm registry, checks it against the hash pinned here, and unpacks it. None of its
 * scripts run.
 *
 * @param {{ spec: string, integrity: string }} wanted `integrity` as npm writes it (sha512-…, base64)
 * @param {string} scratch an empty folder
 * @param {(text: string) => void} onProgress
 * @returns {Promise<string>} the folder of the unpacked package
 * @throws {SetupError} when it cannot be fetched, or is another one than was pinned
 */
export async function fetchRegistryPackage({ spec, integrity }, scratch, onProgress) {
  // Its own npm cache: hundreds of megabytes that are never asked for again would stay in the owner's.
  const npmCache = path.join(scratch, "npm");
  const watch = setInterval(() => {
    void folderBytes(npmCache).then((bytes) => onProgress(`${Math.round(bytes / 1e6)} MB`));
  }, LOOK_EVERY_MS);
  try {
    await runNpm(["pack", spec, "--ignore-scripts", "--pack-destination", scratch, "--cache", npmCache], {
      cwd: scratch,
    });
  } finally {
    clearInterval(watch);
  }
  await rm(npmCache, { recursive: true, force: true });
  const archive = (await readdir(scratch)).find((name) => name.endsWith(".tgz"));
  if (!archive) throw new SetupError(`npm pack ${spec} left no archive`, "Run the command again.");
  await checkIntegrity(path.join(scratch, archive), spec, integrity);
  onProgress("unpacking");
  await runCommand("tar", ["-xzf", archive], { cwd: scratch });
  await rm(path.join(scratch, archive));
  return path.join(scratch, "package");
}

/**
 * @param {string} file
 * @param {string} what for the message
 * @param {string} integrity
 * @throws {SetupError} and deletes the file, when it is not the one pinned
 */
export async function checkIntegrity(file, what, integrity) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  const found = `sha512-${hash.digest("base64")}`;
  if (found === integrity) return;
  await rm(file, { force: true });
  throw new SetupError(
    `${what} is not what it should be: its hash is ${found}, pinned is ${integrity}; it was deleted`,
    "Run the command again. If it fails again, the registry serves something else: do not go on.",
  );
}

/**
 * @param {string} folder
 * @returns {Promise<number>} bytes of the files in it
 */
async function folderBytes(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return folderBytes(file);
    return stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
