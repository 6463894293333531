import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../repository.ts";

/** The Electron that goes into a package. */
export interface ElectronChoice {
  /** Its unpacked folder. */
  folder: string;
  version: string;
  /** It is not the one that package.json names, so the package is good for tests on this machine and nothing else. */
  forTestsOnly: boolean;
}

/**
 * The Electron that set-up brought: the one of package.json, or where that cannot be had another one, which
 * `ELECTRON_OVERRIDE_DIST_PATH` names.
 *
 * @throws when there is none.
 */
export async function chooseElectron(): Promise<ElectronChoice> {
  // npm's electron exports the path of its binary.
  const binary: unknown = createRequire(import.meta.url)("electron");
  if (typeof binary !== "string") throw new Error("npm's electron does not export the path of its binary");
  const folder = dirname(binary);
  const version = (await readFile(join(folder, "version"), "utf8")).trim().replace(/^v/, "");
  const { devDependencies } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  return { folder, version, forTestsOnly: version !== devDependencies["electron"] };
}
