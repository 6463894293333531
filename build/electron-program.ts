import { createRequire } from "node:module";
import { join } from "node:path";
import { REPOSITORY } from "./repository.ts";

/**
 * How the bundled desktop app is started: Electron's binary (of node_modules, or the one that
 * `ELECTRON_OVERRIDE_DIST_PATH` names) with the app's folder.
 *
 * @param args - the app's own arguments.
 * @throws when no Electron binary is installed.
 */
export function electronProgram(args: readonly string[]): { executable: string; args: string[] } {
  // npm's electron exports the path of its binary, and honours ELECTRON_OVERRIDE_DIST_PATH.
  const executable: unknown = createRequire(import.meta.url)("electron");
  if (typeof executable !== "string")
    throw new Error("npm's electron does not export the path of its binary");
  // Chromium's sandbox cannot be had as root; agents never are.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return { executable, args: [join(REPOSITORY, "dist/desktop"), ...sandbox, ...args] };
}
