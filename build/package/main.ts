/** `npm run package`: the desktop app as it is installed, and its installers, in `dist/package`. */
import { rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { REPOSITORY } from "../repository.ts";
import { Cache } from "../setup/cache.mjs";
import { buildDeb } from "./deb.ts";
import {
  chooseElectron,
  chooseWindowsElectron,
  type ElectronChoice,
  NoWindowsElectron,
} from "./electron-choice.ts";
import { buildMsi } from "./msi.ts";
import { writePolicyTemplates } from "./policy/admx.ts";
import { configuredSigner, signPrograms } from "./sign.ts";
import { packApp, type Target, type UnpackedApp } from "./unpacked-app.ts";

const OUTPUT = join(REPOSITORY, "dist/package");

async function pack(target: Target, electron: ElectronChoice): Promise<{ app: UnpackedApp; output: string }> {
  const output = electron.forTestsOnly ? join(OUTPUT, "for-tests-only") : OUTPUT;
  const app = await packApp(target, electron, output);
  console.log(`${relative(REPOSITORY, app.folder)}: Deskreel ${app.version}, Electron ${electron.version}`);
  if (electron.forTestsOnly) {
    console.log(
      [
        "FOR TESTS ONLY, never to be shipped: this is not the Electron of package.json, which could not be had here,",
        `but another one (${electron.version}), which may get no security fixes any more.`,
        `Fuses that it does not know: ${app.missingFuses.join(", ") || "none"}.`,
      ].join("\n"),
    );
  }
  return { app, output };
}

async function packageForLinux(): Promise<void> {
  const { app, output } = await pack("linux", await chooseElectron());
  await report(await buildDeb(app, output));
}

async function packageForWindows(): Promise<void> {
  const { app, output } = await pack("windows", await chooseWindowsElectron(new Cache()));
  const sign = configuredSigner();
  if (sign === null) console.log("not signed: DESKREEL_SIGN_COMMAND has to name the command that does it");
  else await signPrograms(app.folder, sign);
  const [version = ""] = app.version.split("-");
  const msi = join(output, `deskreel-${version}.msi`);
  await buildMsi(app.folder, msi, version);
  await sign?.(msi);
  await report(msi);
}

/** They need nothing of the app, so they are there also where its Electron cannot be had. */
async function packagePolicies(): Promise<void> {
  const policy = join(OUTPUT, "policy");
  const templates = await writePolicyTemplates(policy);
  console.log(`${relative(REPOSITORY, policy)}: ${templates.join(", ")}`);
}

async function report(file: string): Promise<void> {
  console.log(`${relative(REPOSITORY, file)}: ${Math.round((await stat(file)).size / 1e6)} MB`);
}

if (process.platform !== "linux" && process.platform !== "win32") {
  console.error(`npm run package runs on Linux and Windows; this is ${process.platform}`);
  process.exit(2);
}
await rm(OUTPUT, { recursive: true, force: true });
await packagePolicies();
if (process.platform === "linux") await packageForLinux();
else console.log("no Debian package: it is made on Linux");
try {
  await packageForWindows();
} catch (error) {
  // On Linux the package for Linux is there all the same.
  if (!(error instanceof NoWindowsElectron) || process.platform === "win32") throw error;
  console.log(`no package for Windows: ${error.message}`);
}
