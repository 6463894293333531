/** `npm run package`: the desktop app as it is installed, in `dist/package`. */
import { join, relative } from "node:path";
import { REPOSITORY } from "../repository.ts";
import { chooseElectron } from "./electron-choice.ts";
import { packLinuxApp } from "./unpacked-app.ts";

const OUTPUT = join(REPOSITORY, "dist/package");

if (process.platform !== "linux") {
  console.error(`npm run package runs on Linux only; this is ${process.platform}`);
  process.exit(2);
}
const { forTestsOnly } = await chooseElectron();
const app = await packLinuxApp(forTestsOnly ? join(OUTPUT, "for-tests-only") : OUTPUT);
console.log(`${relative(REPOSITORY, app.folder)}: Deskreel ${app.version}, Electron ${app.electron.version}`);
if (forTestsOnly) {
  console.log(
    [
      "FOR TESTS ONLY, never to be shipped: the Electron of package.json is not on this machine, so this package has",
      `another one (${app.electron.version}), which gets no security fixes any more.`,
      `Fuses that it does not know: ${app.missingFuses.join(", ") || "none"}.`,
    ].join("\n"),
  );
}
