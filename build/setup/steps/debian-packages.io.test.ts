import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cache } from "../cache.mjs";
import { Report } from "../report.mjs";
import { SetupError } from "../setup-error.mjs";
import { debianPackages } from "./debian-packages.mjs";

/**
 * A machine whose packages are the lines of its file `installed`, and whose archive has the names of Debian 12. What
 * apt-get is asked is kept in `asked`; `apt-get update` fails, as it does when any third party's list does.
 */
const PROGRAMS = {
  "dpkg-query": `while read -r name; do echo "$name installed 1.0"; done < "\${0%/*}/installed"; exit 1`,
  "apt-cache": `shift
for name; do
  case $name in *t64) ;; *) printf '%s:\\n  Installed: (none)\\n  Candidate: 1.0\\n' "$name" ;; esac
done`,
  "apt-get": `echo "$*" >> "\${0%/*}/asked"
case "$*" in *install*) ;; *) exit 100 ;; esac
if [ -e "\${0%/*}/closed" ]; then echo "E: Unable to fetch some archives" >&2; exit 100; fi`,
};

let machine: string;
beforeEach(async () => {
  machine = await mkdtemp(path.join(tmpdir(), "deskreel-debian-"));
  for (const [name, body] of Object.entries(PROGRAMS)) {
    await writeFile(path.join(machine, name), `#!/bin/sh\n${body}\n`);
    await chmod(path.join(machine, name), 0o755);
  }
  vi.stubEnv("PATH", `${machine}:${process.env["PATH"]}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(machine, { recursive: true, force: true });
});

const context = () => ({
  root: machine,
  cache: new Cache(machine),
  report: new Report(new PassThrough()),
  node: process.execPath,
});
const install = (...names: string[]) => writeFile(path.join(machine, "installed"), `${names.join("\n")}\n`);
const runBy = (uid: number) => vi.spyOn(process, "getuid").mockReturnValue(uid);
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof SetupError ? [error.message, error.nextStep] : error),
  );

test("nothing is asked of apt when every package is there", async () => {
  await install("ffmpeg", "espeak-ng");
  expect(await debianPackages(["ffmpeg", "speech"]).check(context())).toEqual({});
});

test("root gets what is missing, and only that, by the names of this release", async () => {
  runBy(0);
  await install("ffmpeg", "xvfb", "fonts-dejavu-core", "libnss3", "libgbm1", "libxkbcommon0", "libdbus-1-3");
  const step = debianPackages(["ffmpeg", "screen"]);
  expect(await step.check(context())).toBeUndefined();
  await step.install(context());
  const asked = (await readFile(path.join(machine, "asked"), "utf8")).trim().split("\n");
  expect(asked.map((line) => line.replace(/-o \S+ /g, ""))).toEqual([
    "-q update",
    "-q -y install --no-install-recommends libgtk-3-0 libasound2 libcups2 libatk-bridge2.0-0 " +
      "libxcomposite1 libxdamage1 libxrandr2",
  ]);
});

test("who is not root is given the command to run", async () => {
  runBy(1000);
  await install("xvfb");
  expect(await failureOf(debianPackages(["ffmpeg", "speech"]).install(context()))).toEqual([
    "2 Debian packages are missing, and only root may install them",
    "Run: sudo apt-get install -y --no-install-recommends ffmpeg espeak-ng",
  ]);
});

test("what apt says of a failure is passed on", async () => {
  runBy(0);
  await install("xvfb");
  await writeFile(path.join(machine, "closed"), "");
  expect(await failureOf(debianPackages(["browser"]).install(context()))).toEqual([
    "apt-get could not install the packages: E: Unable to fetch some archives",
    "Look at it with: apt-get update && apt-get install chromium",
  ]);
});
