// @ts-check
// node make-plain.mjs FOLDER
//
// Lets the Electron in FOLDER start any application, as the one from Electron's makers does: the carrier's fuses are
// undone, and it gets an application that loads the one named on the command line. Runs on Node 24, with the
// project's packages installed.
import path from "node:path";
import { createPackage } from "@electron/asar";
import { flipFuses, FuseV1Options, FuseVersion } from "@electron/fuses";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node make-plain.mjs FOLDER");

await flipFuses(path.join(folder, "electron"), {
  version: FuseVersion.V1,
  // Playwright drives Electron through Node's inspector.
  [FuseV1Options.EnableNodeCliInspectArguments]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
  [FuseV1Options.RunAsNode]: true,
  // The snapshot is the carrier's own, and is not here.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
});
await createPackage(
  path.join(import.meta.dirname, "default-app"),
  path.join(folder, "resources", "default_app.asar"),
);
