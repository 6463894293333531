import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleDesktop } from "../bundle-desktop.ts";
import { REPOSITORY } from "../repository.ts";
import { withLock } from "../setup/lock.mjs";
import { runProgram } from "../tool.ts";
import { chooseElectron, type ElectronChoice } from "./electron-choice.ts";
import { FUSES, type Fuse, readFuses, setFuses } from "./fuses.ts";
import { icoOf } from "./ico.ts";
import { thirdPartyLicenses } from "./licenses.ts";

/** Where tests find the packed app, and pack it when it is not up to date. */
const TEST_OUTPUT = join(REPOSITORY, "dist/test-package");
/** For Windows; electron-builder looks for it beside the bundle. */
const ICON = "icon.ico";
const ICON_SIDES = [16, 24, 32, 48, 64, 256];

/** The licences of Electron and of all that Chromium is made of, which come with them. */
const OF_ELECTRON = ["LICENSE.electron.txt", "LICENSES.chromium.html"];

/** A system that the app is packed for, 64 bit. */
export type Target = "linux" | "windows";

interface Traits {
  /** What electron-builder calls it, and the folder that it makes. */
  option: string;
  unpacked: string;
  executable: string;
}

const TRAITS: Readonly<Record<Target, Traits>> = {
  linux: { option: "--linux", unpacked: "linux-unpacked", executable: "deskreel" },
  windows: { option: "--win", unpacked: "win-unpacked", executable: "Deskreel.exe" },
};

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
 * Packs the desktop app: Electron, the bundle in an asar, all fuses set, and nothing else. It is not signed, for what
 * signs it must come after the fuses.
 *
 * @param outputFolder - gets a folder `linux-unpacked` or `win-unpacked`; what was in that before goes.
 * @throws when its Electron lacks a fuse, unless the package is for tests only.
 */
export async function packApp(
  target: Target,
  electron: ElectronChoice,
  outputFolder: string,
): Promise<UnpackedApp> {
  return withRecipe(target, electron, (recipe) => packByRecipe(recipe, outputFolder));
}

/** The packed app for tests: packed by the first that asks, again only when what goes into it has changed. */
export async function packLinuxAppForTests(): Promise<UnpackedApp> {
  const stampFile = join(TEST_OUTPUT, "recipe");
  return withLock(
    `${TEST_OUTPUT}.lock`,
    () => {},
    async () =>
      withRecipe("linux", await chooseElectron(), async (recipe) => {
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
  target: Target;
  electron: ElectronChoice;
  version: string;
  /** A folder with the bundle, for electron-builder. */
  project: string;
  config: object;
  /** Of everything that is bundled. */
  licenses: string;
  digest: string;
}

async function withRecipe<T>(
  target: Target,
  electron: ElectronChoice,
  work: (recipe: Recipe) => Promise<T>,
): Promise<T> {
  const product = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
  const version = electron.forTestsOnly ? `${product.version}-for-tests-only` : product.version;
  // Away from the repository, whose node_modules electron-builder would take for the app's.
  const project = await mkdtemp(join(tmpdir(), "deskreel-package-"));
  try {
    const bundle = await bundleDesktop(project);
    const files = bundle.files.sort();
    const licenses = await thirdPartyLicenses(bundle.inputs);
    await writeIcon(join(project, ICON));
    const config = builderConfig(electron, version, files);
    const hash = createHash("sha256").update(JSON.stringify([config, FUSES, licenses]));
    for (const file of [...files, ICON]) hash.update(await readFile(join(project, file)));
    const digest = hash.digest("hex");
    return await work({ target, electron, version, project, config, licenses, digest });
  } finally {
    await rm(project, { recursive: true });
  }
}

async function writeIcon(file: string): Promise<void> {
  const icons = join(REPOSITORY, "apps/desktop/icons");
  await writeFile(
    file,
    icoOf(await Promise.all(ICON_SIDES.map((side) => readFile(join(icons, `app-${side}.png`))))),
  );
}

function builderConfig(electron: ElectronChoice, version: string, files: readonly string[]): object {
  const { place } = electron;
  return {
    appId: "com.deskreel.desktop",
    productName: "Deskreel",
    copyright: "Copyright (c) 2026 Deskreel authors",
    directories: { output: "packed" },
    files,
    extraMetadata: { version, author: { name: "Deskreel" } },
    asar: true,
    npmRebuild: false,
    electronVersion: electron.version,
    ...("folder" in place
      ? { electronDist: place.folder }
      : { electronDownload: { cache: place.downloads } }),
    // Chromium's own texts, of which the app shows none: those of the languages that the tray speaks.
    electronLanguages: ["en-US", "de"],
    linux: { executableName: TRAITS.linux.executable, category: "Utility" },
    win: { icon: ICON, signExecutable: false },
  };
}

async function packByRecipe(recipe: Recipe, outputFolder: string): Promise<UnpackedApp> {
  const { unpacked, executable } = TRAITS[recipe.target];
  await runElectronBuilder(recipe);
  await mkdir(outputFolder, { recursive: true });
  const folder = join(outputFolder, unpacked);
  await rm(folder, { recursive: true, force: true });
  await cp(join(recipe.project, "packed", unpacked), folder, { recursive: true });
  // What Electron runs when it finds no app.
  await rm(join(folder, "resources/default_app.asar"), { force: true });
  await addLicenses(folder, recipe.licenses);
  await setFuses(join(folder, executable));
  return describe(recipe, outputFolder);
}

async function addLicenses(folder: string, licenses: string): Promise<void> {
  const there = await readdir(folder);
  for (const name of OF_ELECTRON)
    if (!there.includes(name))
      throw new Error(`this Electron has no ${name}, without which it may not be handed on`);
  await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), licenses);
  await copyFile(join(REPOSITORY, "LICENSE"), join(folder, "LICENSE.txt"));
}

async function describe({ target, electron, version }: Recipe, outputFolder: string): Promise<UnpackedApp> {
  const folder = join(outputFolder, TRAITS[target].unpacked);
  const executable = join(folder, TRAITS[target].executable);
  const known = await readFuses(executable);
  const missingFuses = (Object.keys(FUSES) as Fuse[]).filter((name) => !(name in known));
  if (missingFuses.length > 0 && !electron.forTestsOnly)
    throw new Error(`Electron ${electron.version} does not know the fuses ${missingFuses.join(", ")}`);
  return { folder, executable, version, electron, missingFuses };
}

async function runElectronBuilder({ target, project, config }: Recipe): Promise<void> {
  const configFile = join(project, "electron-builder.json");
  await writeFile(configFile, JSON.stringify(config));
  let output = "";
  const args = [
    // Not its entry in node_modules/.bin, which is a shell's on Windows.
    join(REPOSITORY, "node_modules/electron-builder/cli.js"),
    TRAITS[target].option,
    "dir",
    "--x64",
    "--publish",
    "never",
    "--projectDir",
    project,
    "--config",
    configFile,
  ];
  const code = await runProgram(process.execPath, args, { onOutput: (text) => (output += text) });
  if (code !== 0) throw new Error(`electron-builder ended with ${code}:\n${output.trimEnd()}`);
}
