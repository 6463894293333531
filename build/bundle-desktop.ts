import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { REPOSITORY } from "./repository.ts";

const APP = join(REPOSITORY, "apps/desktop");
const OUTPUT = join(REPOSITORY, "dist/desktop");
/** Electron itself, and ws' optional native helpers: the app has no native module. */
const EXTERNAL = ["electron", "bufferutil", "utf-8-validate"];
const ICONS = ["idle", "recording", "paused", "offline"].flatMap((name) => [`${name}.png`, `${name}@2x.png`]);

/** What a bundle was made of, and its files. */
export interface DesktopBundle {
  /** Relative to the bundle's folder. */
  files: string[];
  /** Sources, relative to the repository. */
  inputs: string[];
}

/**
 * Bundles the desktop app into a folder that Electron starts as it is: main process and preload script as CommonJS for
 * Node 20 (Electron 33 is the oldest it runs on), the capture page for Chromium 130, icons, a package.json without
 * dependencies. A file whose content did not change is left alone, so that a running app never sees half a file.
 */
export async function bundleDesktop(outputFolder = OUTPUT): Promise<DesktopBundle> {
  const main: BuildOptions = { platform: "node", format: "cjs", target: "node20", external: EXTERNAL };
  const inputs = new Set<string>();
  const bundle = async (path: string, options: BuildOptions) => {
    for (const input of await bundleOne(path, options)) inputs.add(input);
    return path;
  };
  const made = await Promise.all([
    bundle(join(outputFolder, "main.cjs"), {
      ...main,
      entryPoints: [join(APP, "electron/main.ts")],
    }),
    bundle(join(outputFolder, "preload.cjs"), { ...main, entryPoints: [join(APP, "electron/preload.ts")] }),
    bundle(join(outputFolder, "capture.js"), {
      entryPoints: [join(APP, "capture/main.ts")],
      platform: "browser",
      format: "esm",
      target: "chrome130",
    }),
    copy(join(APP, "capture/capture.html"), join(outputFolder, "capture.html")),
    ...ICONS.map((name) => copy(join(APP, "icons", name), join(outputFolder, "icons", name))),
    writePackage(outputFolder),
  ]);
  return { files: made.map((path) => path.slice(outputFolder.length + 1)), inputs: [...inputs] };
}

/** @returns its sources. */
async function bundleOne(path: string, options: BuildOptions): Promise<string[]> {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: REPOSITORY,
    metafile: true,
    outfile: path,
    bundle: true,
    write: false,
    logLevel: "warning",
  });
  for (const file of outputFiles ?? []) await writeIfChanged(file.path, file.contents);
  return Object.keys(metafile?.inputs ?? {});
}

async function copy(from: string, to: string): Promise<string> {
  await writeIfChanged(to, await readFile(from));
  return to;
}

async function writePackage(outputFolder: string): Promise<string> {
  const product = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
  const manifest = {
    name: "deskreel-desktop",
    productName: "Deskreel",
    version: product.version,
    main: "main.cjs",
  };
  const path = join(outputFolder, "package.json");
  await writeIfChanged(path, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return path;
}

async function writeIfChanged(path: string, content: Uint8Array): Promise<void> {
  const before = await readFile(path).catch(() => null);
  if (before !== null && before.equals(content)) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await writeFile(draft, content);
  await rename(draft, path);
}
