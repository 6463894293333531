import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { REPOSITORY } from "../repository.ts";
import { runCommand } from "../setup/command.mjs";
import type { UnpackedApp } from "./unpacked-app.ts";

export const DEB_PACKAGE = "deskreel-desktop";
const PROGRAM = "/opt/Deskreel/deskreel";

/** What apps/desktop/agent/installer-marks.ts looks at. */
const INSTALLED = `${dirname(PROGRAM)}/resources/installed`;

/** What Electron's binary is linked with; `a|b`: the name differs by release. */
const DEPENDS = [
  "libasound2t64|libasound2",
  "libatk-bridge2.0-0t64|libatk-bridge2.0-0",
  "libatk1.0-0t64|libatk1.0-0",
  "libatspi2.0-0t64|libatspi2.0-0",
  "libc6",
  "libcairo2",
  "libcups2t64|libcups2",
  "libdbus-1-3",
  "libdrm2",
  "libexpat1",
  "libgbm1",
  "libgcc-s1",
  "libglib2.0-0t64|libglib2.0-0",
  "libgtk-3-0t64|libgtk-3-0",
  "libnspr4",
  "libnss3",
  "libpango-1.0-0",
  "libudev1",
  "libx11-6",
  "libxcb1",
  "libxcomposite1",
  "libxdamage1",
  "libxext6",
  "libxfixes3",
  "libxkbcommon0",
  "libxrandr2",
];

/** A key of the user in the keyring, and the page and folder that the tray's menu opens. */
const RECOMMENDS = ["libsecret-1-0", "xdg-utils"];

/** Starts it with each session. A conffile: who deletes it has no autostart, also after an upgrade. */
const AUTOSTART = `[Desktop Entry]
Type=Application
Name=Deskreel
Comment=Records the screen during calls
Comment[de]=Zeichnet den Bildschirm während Anrufen auf
Exec=${PROGRAM}
NoDisplay=true
X-GNOME-Autostart-enabled=true
`;

/**
 * Tells the running apps that a new version is in place. They have gone on with the files that they have open; now each
 * starts itself anew, without a recording at once.
 */
const POSTINST = `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
touch "$DPKG_ROOT${INSTALLED}"
`;

/**
 * Ends the running apps when the package goes. Each process of Chromium runs the same file; those with a --type end with
 * their parent.
 */
const PRERM = `#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
rm -f "$DPKG_ROOT${INSTALLED}"
program="$DPKG_ROOT${PROGRAM}"
for process in /proc/[0-9]*; do
  case "$(readlink "$process/exe" 2>/dev/null)" in
    "$program" | "$program (deleted)") ;;
    *) continue ;;
  esac
  if ! tr '\\0' '\\n' 2>/dev/null <"$process/cmdline" | grep -q '^--type='; then
    kill -TERM "\${process#/proc/}" 2>/dev/null || true
  fi
done
`;

export interface DebOptions {
  /** `none` for tests: ten times as fast. */
  compression?: "zstd" | "none";
  /** Another than the app's own. */
  version?: string;
}

/**
 * Builds a Debian package of the packed app with dpkg-deb.
 *
 * @returns the file.
 */
export async function buildDeb(
  app: UnpackedApp,
  outputFolder: string,
  { compression = "zstd", version = app.version }: DebOptions = {},
): Promise<string> {
  // A pre-release sorts before its release.
  const debVersion = version.replace("-", "~");
  const stage = await mkdtemp(join(tmpdir(), "deskreel-deb-"));
  try {
    await layOut(stage, app.folder, debVersion);
    const file = join(outputFolder, `${DEB_PACKAGE}_${debVersion}_amd64.deb`);
    await mkdir(outputFolder, { recursive: true });
    await runCommand("dpkg-deb", ["--build", "--root-owner-group", `-Z${compression}`, stage, file]);
    return file;
  } finally {
    await rm(stage, { recursive: true });
  }
}

async function layOut(stage: string, appFolder: string, version: string): Promise<void> {
  const program = join(stage, dirname(PROGRAM));
  await mkdir(dirname(program), { recursive: true });
  await cp(appFolder, program, { recursive: true });
  const license = await readFile(join(REPOSITORY, "LICENSE"), "utf8");
  const changelog = await readFile(join(REPOSITORY, "CHANGELOG.md"));
  const texts: Record<string, string | Uint8Array> = {
    "etc/xdg/autostart/deskreel.desktop": AUTOSTART,
    [`usr/share/doc/${DEB_PACKAGE}/copyright`]: copyright(license),
    [`usr/share/doc/${DEB_PACKAGE}/changelog.gz`]: gzipSync(changelog, { level: 9 }),
    "DEBIAN/conffiles": "/etc/xdg/autostart/deskreel.desktop\n",
    "DEBIAN/postinst": POSTINST,
    "DEBIAN/prerm": PRERM,
  };
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(join(stage, dirname(name)), { recursive: true });
    await writeFile(join(stage, name), text);
  }
  // For the administrator's policy.json and desktop.yaml.
  await mkdir(join(stage, "etc/deskreel"));
  const kilobytes = Number((await runCommand("du", ["-sk", stage])).split("\t")[0]);
  await writeFile(join(stage, "DEBIAN/control"), control(version, kilobytes));
  // Whatever the umask of whoever packs.
  await runCommand("chmod", ["-R", "u=rwX,go=rX", stage]);
  for (const script of ["postinst", "prerm"]) await chmod(join(stage, "DEBIAN", script), 0o755);
  // Chromium's sandbox where the kernel gives users no namespaces (Ubuntu from 23.10 on).
  await chmod(join(program, "chrome-sandbox"), 0o4755);
}

function control(version: string, kilobytes: number): string {
  return `Package: ${DEB_PACKAGE}
Version: ${version}
Architecture: amd64
Section: utils
Priority: optional
Maintainer: Deskreel <deskreel@localhost>
Installed-Size: ${kilobytes}
Depends: ${DEPENDS.join(", ")}
Recommends: ${RECOMMENDS.join(", ")}
Description: records an agent's screen during calls
 The tray app of Deskreel. It starts with the session, connects to the recorder
 and sends it the screens while the agent handles a call. It asks nothing.
`;
}

function copyright(license: string): string {
  return `Deskreel

${license}
Electron and Chromium, in ${dirname(PROGRAM)}, have licences of their own:
LICENSE.electron.txt and LICENSES.chromium.html there. Those of the packages
that the app is made of are in THIRD-PARTY-LICENSES.txt there.
`;
}
