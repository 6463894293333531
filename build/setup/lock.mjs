// @ts-check
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_AGAIN_AFTER_MS = 200;
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
  await mkdir(path.dirname(file), { recursive: true });
  let told = false;
  while (!(await take(file))) {
    const holder = await readFile(file, "utf8").catch(() => "");
    if (await isStale(file, holder)) {
      await takeAway(file, holder);
      continue;
    }
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
 * @param {string} holder
 * @returns {Promise<boolean>}
 */
async function isStale(file, holder) {
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > HELD_AT_MOST_MS) return true;
  // Just created: its pid is about to be written.
  if (holder === "") return age > 10 * LOOK_AGAIN_AFTER_MS;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/**
 * Of several that find the same stale lock, only one may remove it: another's fresh one must not be hit.
 * @param {string} file
 * @param {string} holder
 */
async function takeAway(file, holder) {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return; // Somebody else was faster.
  }
  const moved = await readFile(aside, "utf8");
  if (moved === holder) await rm(aside, { force: true });
  else await rename(aside, file);
}
