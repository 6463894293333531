/** `npm run package`: the desktop app as it is installed, and its installers, in `dist/package`. */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { REPOSITORY } from "../repository.ts";
import { buildDeb } from "./deb.ts";
import { chooseElectron } from "./electron-choice.ts";
import { FUSES, readFuses } from "./fuses.ts";
import { buildMsi } from "./msi.ts";
import { packLinuxApp } from "./unpacked-app.ts";

const OUTPUT = join(REPOSITORY, "dist/package");

if (process.platform !== "linux") {
  console.error(`npm run package runs on Linux only; this is ${process.platform}`);
  process.exit(2);
}
const { forTestsOnly } = await chooseElectron();
const output = forTestsOnly ? join(OUTPUT, "for-tests-only") : OUTPUT;
const app = await packLinuxApp(output);
console.log(`${relative(REPOSITORY, app.folder)}: Deskreel ${app.version}, Electron ${app.electron.version}`);
const deb = await buildDeb(app, output);
console.log(`${relative(REPOSITORY, deb)}: ${Math.round((await stat(deb)).size / 1e6)} MB`);
const windowsApp = process.env["DESKREEL_WINDOWS_APP"];
if (windowsApp === undefined) {
  console.log("no MSI: DESKREEL_WINDOWS_APP has to name the folder of the unpacked app for Windows");
} else {
  const fuses = await readFuses(join(windowsApp, "Deskreel.exe"));
  if (JSON.stringify(fuses) !== JSON.stringify(FUSES))
    throw new Error(`the fuses of ${windowsApp} are not those of build/package/fuses.ts`);
  const [version = ""] = app.version.split("-");
  const msi = join(output, `deskreel-${version}.msi`);
  await buildMsi(windowsApp, msi, version);
  console.log(`${relative(REPOSITORY, msi)}: ${Math.round((await stat(msi)).size / 1e6)} MB`);
}
if (forTestsOnly) {
  console.log(
    [
      "FOR TESTS ONLY, never to be shipped: the Electron of package.json is not on this machine, so these packages",
      `have another one (${app.electron.version}), which gets no security fixes any more.`,
      `Fuses that it does not know: ${app.missingFuses.join(", ") || "none"}.`,
    ].join("\n"),
  );
}
