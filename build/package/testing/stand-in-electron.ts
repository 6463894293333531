import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPackage } from "@electron/asar";
import { FUSES } from "../fuses.ts";
import { windowsProgram } from "./windows-program.ts";

/**
 * Makes a folder as electron-vX-win32-x64.zip unpacks to, for machines that cannot have the real one: the names are
 * Electron's, the program is ours and only ends. Good for the tools that pack and install, and nothing else.
 */
export async function makeStandInElectron(folder: string): Promise<void> {
  await mkdir(join(folder, "locales"), { recursive: true });
  await mkdir(join(folder, "resources"));
  const files = {
    "electron.exe": windowsProgram(0, Object.keys(FUSES).length),
    "ffmpeg.dll": windowsProgram(0, 0),
    version: "0.0.1",
    LICENSE: "a stand-in for Electron's licence",
    "LICENSES.chromium.html": "a stand-in for Chromium's licences",
    "locales/en-US.pak": "",
    "locales/de.pak": "",
    "locales/fr.pak": "",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await createPackage(join(folder, "locales"), join(folder, "resources/default_app.asar"));
}
