// @ts-check
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { CommandError, runCommand } from "../command.mjs";
import { reasonOf, SetupError } from "../setup-error.mjs";

/**
 * Debian packages by what they are for. `a|b`: the name differs by release, either will do.
 * @satisfies {Record<string, readonly string[]>}
 */
export const DEBIAN_PACKAGES = /** @type {const} */ ({
  ffmpeg: ["ffmpeg"],
  speech: ["espeak-ng"],
  browser: ["chromium"],
  // A screen without a monitor, and what Electron's binary is linked with.
  screen: [
    "xvfb",
    "fonts-dejavu-core",
    "libgtk-3-0t64|libgtk-3-0",
    "libnss3",
    "libasound2t64|libasound2",
    "libgbm1",
    "libcups2t64|libcups2",
    "libatk-bridge2.0-0t64|libatk-bridge2.0-0",
    "libxkbcommon0",
    "libxcomposite1",
    "libxdamage1",
    "libxrandr2",
    "libdbus-1-3",
  ],
  // A desktop around the app for its tests: a session bus, and what Electron shows notifications with.
  session: ["dbus-daemon|dbus", "libnotify4"],
  unzip: ["unzip"],
  // To build Windows Installer packages, and a Windows to try them in.
  msi: ["msitools", "wixl"],
  windows: ["wine", "wine64"],
  // Tests make certificates with it.
  certificates: ["openssl"],
  // To build mediasoup's worker from source.
  worker: [
    "g++",
    "meson",
    "ninja-build",
    "pkgconf|pkg-config",
    "libuv1-dev",
    "libssl-dev",
    "libabsl-dev",
    "libflatbuffers-dev",
    "flatbuffers-compiler",
    "dpkg-dev",
  ],
});

/** Programs looked for on PATH where there is no dpkg; libraries cannot be. */
const PROGRAMS = /** @type {Record<string, string>} */ ({
  ffmpeg: "ffmpeg",
  "espeak-ng": "espeak-ng",
  chromium: "chromium",
  xvfb: "Xvfb",
  unzip: "unzip",
  openssl: "openssl",
  "dbus-daemon|dbus": "dbus-daemon",
});

const APT_ENV = { DEBIAN_FRONTEND: "noninteractive" };
/** apt waits minutes for a host that is closed off, and gives up at once when another apt is running. */
const APT_PATIENCE = [
  ...["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"],
  ...["-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=120"],
];

/**
 * @param {readonly (keyof typeof DEBIAN_PACKAGES)[]} groups
 * @returns {import("../step.mjs").Step}
 */
export function debianPackages(groups) {
  const wanted = groups.flatMap((group) => DEBIAN_PACKAGES[group]);
  return {
    name: "Debian packages",
    check: async () => ((await findMissing(wanted)).length === 0 ? {} : undefined),
    install: async ({ report }) => {
      await installMissing(await findMissing(wanted), report);
      return {};
    },
  };
}

/**
 * The versions of the installed ones of these packages.
 * @param {readonly string[]} names
 * @returns {Promise<Record<string, string>>}
 */
export async function installedVersions(names) {
  const args = ["-W", "-f", "${Package} ${db:Status-Status} ${Version}\\n", ...names];
  // It ends with 1 when one of the names is unknown, and lists the others all the same.
  const listed = await runCommand("sh", ["-c", 'dpkg-query "$@" 2>/dev/null || true', "sh", ...args]);
  return parseInstalled(listed);
}

/**
 * @param {string} listed `name status version` per line, as dpkg-query writes it
 * @returns {Record<string, string>} version by name, of those installed
 */
export function parseInstalled(listed) {
  const rows = listed.split("\n").map((line) => line.split(" "));
  return Object.fromEntries(
    rows.filter(([, status]) => status === "installed").map(([name, , version]) => [name, version]),
  );
}

/**
 * @param {readonly string[]} wanted names, or alternatives `a|b`
 * @param {Record<string, string>} installed
 * @returns {string[]} those of `wanted` of which no alternative is installed
 */
export function missingOf(wanted, installed) {
  return wanted.filter((names) => !names.split("|").some((name) => name in installed));
}

/**
 * @param {readonly string[]} missing names, or alternatives
 * @param {string} policy what `apt-cache policy` says of all their names
 * @returns {string[]} of each the first that this release has, or else the last
 */
export function chooseNames(missing, policy) {
  const offered = new Set(
    [...policy.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (?!\(none\))/gm)].map((match) => match[1]),
  );
  return missing.map((names) => {
    const alternatives = names.split("|");
    return alternatives.find((name) => offered.has(name)) ?? alternatives.at(-1) ?? names;
  });
}

/**
 * @param {readonly string[]} wanted
 * @returns {Promise<string[]>}
 */
export async function findMissing(wanted) {
  if (wanted.length === 0 || process.platform !== "linux") return [];
  if (await isOnPath("dpkg-query")) {
    return missingOf(wanted, await installedVersions(wanted.flatMap((names) => names.split("|"))));
  }
  const missing = [];
  for (const name of wanted) {
    const program = PROGRAMS[name];
    if (program && !(await isOnPath(program))) missing.push(name);
  }
  return missing;
}

/**
 * @param {readonly string[]} missing
 * @param {import("../report.mjs").Report} report
 * @throws {SetupError} with the list, where set-up may not install
 */
async function installMissing(missing, report) {
  if (missing.length === 0) return;
  if (!(await isOnPath("apt-get"))) {
    throw new SetupError(
      `missing on this machine: ${missing.map(lastName).join(" ")}`,
      "Install them (those are Debian's names) with this system's package manager, then run the command again.",
    );
  }
  if (process.getuid?.() !== 0) {
    const names = chooseNames(missing, await askPolicy(missing));
    throw new SetupError(
      `${names.length} Debian package${names.length === 1 ? " is" : "s are"} missing, and only root may install them`,
      `Run: sudo apt-get install -y --no-install-recommends ${names.join(" ")}`,
    );
  }
  const task = report.task(`Debian packages (${missing.map(lastName).join(" ")})`);
  try {
    task.update("reading the package lists");
    const env = { ...process.env, ...APT_ENV };
    // Some list failing (a third party's) is not our matter; if it was one that we need, the install says so.
    await runCommand("apt-get", ["-q", ...APT_PATIENCE, "update"], { env }).catch(() => "");
    const names = chooseNames(missing, await askPolicy(missing));
    await runCommand(
      "apt-get",
      ["-q", "-y", ...APT_PATIENCE, "install", "--no-install-recommends", ...names],
      {
        env,
        onLine: (line) => {
          if (/^(Get:|Unpacking|Setting up)/.test(line)) task.update(line);
        },
      },
    );
    task.done();
  } catch (cause) {
    task.failed();
    const why = cause instanceof CommandError ? aptErrors(cause.output) : reasonOf(cause);
    throw new SetupError(
      `apt-get could not install the packages: ${why}`,
      `Look at it with: apt-get update && apt-get install ${missing.map(lastName).join(" ")}`,
      { cause },
    );
  }
}

/**
 * @param {readonly string[]} wanted
 * @returns {Promise<string>}
 */
function askPolicy(wanted) {
  return runCommand("apt-cache", ["policy", ...wanted.flatMap((names) => names.split("|"))], {
    env: { ...process.env, LC_ALL: "C" },
  });
}

/**
 * @param {string} output
 * @returns {string}
 */
function aptErrors(output) {
  const errors = output.split("\n").filter((line) => line.startsWith("E:"));
  return errors.join("\n  ") || output;
}

/**
 * @param {string} names
 * @returns {string}
 */
function lastName(names) {
  return names.split("|").at(-1) ?? names;
}

/**
 * @param {string} program
 * @returns {Promise<boolean>}
 */
async function isOnPath(program) {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const there = await access(path.join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
