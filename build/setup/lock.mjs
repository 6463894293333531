// @ts-check
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf, SetupError } from "./setup-error.mjs";

const LOOK_AGAIN_AFTER_MS = 200;
const TAKEOVER_AT_MOST_MS = 10_000;
/** No set-up takes this long: its holder's pid now names another program (a reboot, another container). */
const HELD_AT_MOST_MS = 60 * 60 * 1_000;

/**
 * Does `work` while no other set-up on this cache does its own. The lock is a file with the holder's pid; that of a
 * process that is gone is taken over.
 *
 * @template T
 * @param {string} file
 * @param {(holder: string) => void} onWait called once when another process holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  let told = false;
  while (!(await takeFirst(file))) {
    if (await isStale(file)) {
      await removeStale(file);
      continue;
    }
    const holder = await readFile(file, "utf8").catch(() => "");
    if (!told && holder) {
      onWait(holder);
      told = true;
    }
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 * @throws {SetupError} where nothing can be written
 */
async function takeFirst(file) {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    return await take(file);
  } catch (cause) {
    throw new SetupError(
      `the cache folder ${path.dirname(file)} cannot be written (${reasonOf(cause)})`,
      "Set DESKREEL_CACHE to a folder that you may write, then run the command again.",
      { cause },
    );
  }
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
async function take(file) {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {Promise<boolean>} whether its holder is gone; false when there is no lock
 */
async function isStale(file) {
  const age = await ageOf(file);
  if (age > HELD_AT_MOST_MS) return true;
  const holder = await readFile(file, "utf8").catch(() => undefined);
  if (holder === undefined) return false;
  // Just created: its pid is about to be written.
  if (holder === "") return age > TAKEOVER_AT_MOST_MS;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/**
 * Removes a stale lock. Only the holder of a second lock may: of several that saw the same stale one, a slow one would
 * otherwise remove what a quick one has taken meanwhile.
 *
 * @param {string} file
 */
async function removeStale(file) {
  const permit = `${file}.takeover`;
  if (!(await take(permit))) {
    // Held for some milliseconds only, unless its holder was killed in them.
    if ((await ageOf(permit)) > TAKEOVER_AT_MOST_MS) await rm(permit, { force: true });
    else await sleep(LOOK_AGAIN_AFTER_MS);
    return;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await rm(permit, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {Promise<number>} ms; 0 when it is not there
 */
function ageOf(file) {
  return stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
}
