/** `npm run package`: the desktop app as it is installed, and its Debian package, in `dist/package`. */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { REPOSITORY } from "../repository.ts";
import { buildDeb } from "./deb.ts";
import { chooseElectron } from "./electron-choice.ts";
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
if (forTestsOnly) {
  console.log(
    [
      "FOR TESTS ONLY, never to be shipped: the Electron of package.json is not on this machine, so these packages",
      `have another one (${app.electron.version}), which gets no security fixes any more.`,
      `Fuses that it does not know: ${app.missingFuses.join(", ") || "none"}.`,
    ].join("\n"),
  );
}
