import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleDesktop } from "../bundle-desktop.ts";
import { REPOSITORY } from "../repository.ts";
import { withLock } from "../setup/lock.mjs";
import { runTool } from "../tool.ts";
import { chooseElectron, type ElectronChoice } from "./electron-choice.ts";
import { FUSES, type Fuse, readFuses, setFuses } from "./fuses.ts";

/** Where tests find the packed app, and pack it when it is not up to date. */
const TEST_OUTPUT = join(REPOSITORY, "dist/test-package");
/** Name of the program on Linux. */
const EXECUTABLE = "deskreel";

/** The app as it is installed, in a folder. */
export interface UnpackedApp {
  folder: string;
  executable: string;
  version: string;
  electron: ElectronChoice;
  /** Fuses that its Electron does not have. */
  missingFuses: Fuse[];
}

/**
 * Packs the desktop app for Linux: Electron, the bundle in an asar, all fuses set, and nothing else.
 *
 * @param outputFolder - gets a folder `linux-unpacked`; what was in it before goes.
 * @throws when its Electron lacks a fuse, unless the package is for tests only.
 */
export async function packLinuxApp(outputFolder: string): Promise<UnpackedApp> {
  return withRecipe((recipe) => packByRecipe(recipe, outputFolder));
}

/** The packed app for tests: packed by the first that asks, again only when what goes into it has changed. */
export async function packLinuxAppForTests(): Promise<UnpackedApp> {
  const stampFile = join(TEST_OUTPUT, "recipe");
  return withLock(
    `${TEST_OUTPUT}.lock`,
    () => {},
    () =>
      withRecipe(async (recipe) => {
        const stamp = await readFile(stampFile, "utf8").catch(() => "");
        if (stamp === recipe.digest) return describe(recipe, TEST_OUTPUT);
        const app = await packByRecipe(recipe, TEST_OUTPUT);
        await writeFile(stampFile, recipe.digest);
        return app;
      }),
  );
}

/** Everything that makes a package what it is. */
interface Recipe {
  electron: ElectronChoice;
  version: string;
  /** A folder with the bundle, for electron-builder. */
  project: string;
  config: object;
  digest: string;
}

async function withRecipe<T>(work: (recipe: Recipe) => Promise<T>): Promise<T> {
  const electron = await chooseElectron();
  const product = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
  const version = electron.forTestsOnly ? `${product.version}-for-tests-only` : product.version;
  // Away from the repository, whose node_modules electron-builder would take for the app's.
  const project = await mkdtemp(join(tmpdir(), "deskreel-package-"));
  try {
    const files = (await bundleDesktop(project)).sort();
    const config = builderConfig(electron, version, files);
    const hash = createHash("sha256").update(JSON.stringify([config, FUSES]));
    for (const file of files) hash.update(await readFile(join(project, file)));
    return await work({ electron, version, project, config, digest: hash.digest("hex") });
  } finally {
    await rm(project, { recursive: true });
  }
}

function builderConfig(electron: ElectronChoice, version: string, files: readonly string[]): object {
  return {
    appId: "com.deskreel.desktop",
    productName: "Deskreel",
    directories: { output: "packed" },
    files,
    extraMetadata: { version },
    asar: true,
    npmRebuild: false,
    electronVersion: electron.version,
    electronDist: electron.folder,
    // Chromium's own texts, of which the app shows none: those of the languages that the tray speaks.
    electronLanguages: ["en-US", "de"],
    linux: { executableName: EXECUTABLE, category: "Utility" },
  };
}

async function packByRecipe(recipe: Recipe, outputFolder: string): Promise<UnpackedApp> {
  await runElectronBuilder(recipe);
  await rm(outputFolder, { recursive: true, force: true });
  await mkdir(outputFolder, { recursive: true });
  const folder = join(outputFolder, "linux-unpacked");
  await cp(join(recipe.project, "packed/linux-unpacked"), folder, { recursive: true });
  // What Electron runs when it finds no app.
  await rm(join(folder, "resources/default_app.asar"), { force: true });
  await setFuses(join(folder, EXECUTABLE));
  return describe(recipe, outputFolder);
}

async function describe({ electron, version }: Recipe, outputFolder: string): Promise<UnpackedApp> {
  const folder = join(outputFolder, "linux-unpacked");
  const executable = join(folder, EXECUTABLE);
  const known = await readFuses(executable);
  const missingFuses = (Object.keys(FUSES) as Fuse[]).filter((name) => !(name in known));
  if (missingFuses.length > 0 && !electron.forTestsOnly)
    throw new Error(`Electron ${electron.version} does not know the fuses ${missingFuses.join(", ")}`);
  return { folder, executable, version, electron, missingFuses };
}

async function runElectronBuilder({ project, config }: Recipe): Promise<void> {
  const configFile = join(project, "electron-builder.json");
  await writeFile(configFile, JSON.stringify(config));
  let output = "";
  const args = [
    "--linux",
    "dir",
    "--x64",
    "--publish",
    "never",
    "--projectDir",
    project,
    "--config",
    configFile,
  ];
  const code = await runTool("electron-builder", args, { onOutput: (text) => (output += text) });
  if (code !== 0) throw new Error(`electron-builder ended with ${code}:\n${output.trimEnd()}`);
}
