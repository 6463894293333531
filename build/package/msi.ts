import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve, win32 } from "node:path";
import { runCommand } from "../setup/command.mjs";
import { autostartTask } from "./autostart-task.ts";
import { escapeXml, unescapeXml } from "./xml.ts";

const SOURCE = join(import.meta.dirname, "msi/deskreel.wxs");
/** The installer looks every 2 s whether the apps have gone: half a minute more than they wait for a recording. */
const UPDATE_ROUNDS = 315;
/** MSI's codes: a program from a folder (34), in the script (1024), as the system (2048). */
const AS_SYSTEM = 34 + 1024 + 2048;
/** MSI's codes for what WiX calls Execute and Return. */
const EXECUTE = new Map([
  ["deferred", 0],
  ["rollback", 256],
]);
const RETURN = new Map([
  ["check", 0],
  ["ignore", 64],
]);

/**
 * What WiX makes of the source and wixl 0.101 does not know: which properties an administrator hands on and which no log
 * shows, when components are installed, that the old version goes no earlier than the apps.
 */
const AFTER_WIXL = [
  "UPDATE `Property` SET `Value`='SERVERURL;ENROLLTOKEN;NOTICE;AUTOSTART;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED' WHERE `Property`='SecureCustomProperties'",
  "INSERT INTO `Property` (`Property`,`Value`) VALUES ('MsiHiddenProperties','ENROLLTOKEN;OLDENROLLTOKEN')",
  "CREATE TABLE `ActionText` (`Action` CHAR(72) NOT NULL, `Description` CHAR(64) LOCALIZABLE, `Template` CHAR(128) LOCALIZABLE PRIMARY KEY `Action`)",
  "INSERT INTO `ActionText` (`Action`,`Description`,`Template`) VALUES ('WriteRegistryValues','Writing settings','Key: [1], Name: [2]')",
  "UPDATE `Component` SET `Condition`='SERVERURL' WHERE `Component`='Settings'",
  "UPDATE `Component` SET `Condition`='ENROLLTOKEN' WHERE `Component`='Token'",
  "UPDATE `Component` SET `Condition`='NOTICE' WHERE `Component`='Notice'",
  "INSERT INTO `InstallExecuteSequence` (`Action`,`Sequence`) VALUES ('InstallExecute',1503)",
  "UPDATE `InstallExecuteSequence` SET `Sequence`=1504 WHERE `Action`='RemoveExistingProducts'",
];

/** Nor does it know programs that are run: they are taken from the source as they stand there for WiX. */
function programRuns(source: string, updateRounds: number): string[] {
  const programs = [
    ...source.matchAll(
      /<CustomAction Id="(\w+)" Directory="INSTALLDIR" ExeCommand="([^"]+)" Execute="(\w+)" Impersonate="no" Return="(\w+)"\/>/g,
    ),
  ];
  const places = [...source.matchAll(/<Custom Action="(\w+)" Sequence="(\d+)">([^<]+)<\/Custom>/g)];
  const written = source.match(/ExeCommand=/g)?.length ?? 0;
  if (programs.length !== written || places.length !== written)
    throw new Error(
      `${SOURCE}: of ${written} programs ${programs.length} and ${places.length} places can be read`,
    );
  return [
    ...programs.map(([, name = "", command = "", execute = "", result = ""]) => {
      const type = AS_SYSTEM + (EXECUTE.get(execute) ?? Number.NaN) + (RETURN.get(result) ?? Number.NaN);
      const line = unescapeXml(command).replace("$(var.UpdateRounds)", String(updateRounds));
      return `INSERT INTO \`CustomAction\` (\`Action\`,\`Type\`,\`Source\`,\`Target\`) VALUES ('${name}',${type},'INSTALLDIR','${line}')`;
    }),
    ...places.map(
      ([, name = "", place = "", condition = ""]) =>
        `INSERT INTO \`InstallExecuteSequence\` (\`Action\`,\`Condition\`,\`Sequence\`) VALUES ('${name}','${condition}',${place})`,
    ),
  ];
}

/** A program with its arguments. */
type Command = readonly [program: string, ...args: string[]];

/**
 * Builds a Windows Installer package, per machine, silent where it is told to be: on Windows with WiX 3, elsewhere with
 * wixl (Debian's msitools).
 *
 * @param appFolder - the unpacked app for Windows; `Deskreel.exe` in it.
 * @param version - three numbers.
 * @param updateRounds - how often an upgrade looks whether the apps have gone, every 2 s; fewer for tests.
 */
export async function buildMsi(
  appFolder: string,
  file: string,
  version: string,
  updateRounds = UPDATE_ROUNDS,
): Promise<void> {
  const stage = await mkdtemp(join(tmpdir(), "deskreel-msi-"));
  try {
    await stageMsiSource(appFolder, stage);
    await rm(file, { force: true });
    const source = await readFile(SOURCE, "utf8");
    const commands =
      process.platform === "win32"
        ? wixCommands(version, resolve(file), process.env, updateRounds)
        : wixlCommands(source, version, resolve(file), updateRounds);
    // Both take sources relative to where they run.
    for (const [program, ...args] of commands) await runCommand(program, args, { cwd: stage });
  } finally {
    await rm(stage, { recursive: true });
  }
}

/** Lays out what the installer is made of: its source, the app, and a description of the app's files. */
export async function stageMsiSource(appFolder: string, stage: string): Promise<void> {
  await cp(appFolder, join(stage, "app"), { recursive: true });
  await writeFile(join(stage, "app/autostart-task.xml"), autostartTask());
  const payload = await describePayload(join(stage, "app"));
  await writeFile(join(stage, "payload-files.wxi"), include(payload.files));
  await writeFile(join(stage, "payload-refs.wxi"), include(payload.refs));
  await copyFile(SOURCE, join(stage, "deskreel.wxs"));
}

export function wixlCommands(
  source: string,
  version: string,
  file: string,
  updateRounds = UPDATE_ROUNDS,
): Command[] {
  return [
    ["wixl", "-a", "x64", "-D", `Version=${version}`, "-D", "Wixl=1", "-o", file, "deskreel.wxs"],
    ["msibuild", file, "-q", ...AFTER_WIXL, ...programRuns(source, updateRounds)],
  ];
}

/** WiX 3's installer names its folder in the environment (`WIX`); without, its programs are on PATH. */
export function wixCommands(
  version: string,
  file: string,
  { WIX }: NodeJS.ProcessEnv,
  updateRounds = UPDATE_ROUNDS,
): Command[] {
  const program = (name: string) => (WIX ? win32.join(WIX, "bin", name) : name);
  return [
    [
      program("candle.exe"),
      ...["-nologo", "-arch", "x64", `-dVersion=${version}`, `-dUpdateRounds=${updateRounds}`],
      ...["-out", "deskreel.wixobj", "deskreel.wxs"],
    ],
    // Its validation wants the Windows Installer service, which the containers that things are built in may not have.
    [program("light.exe"), "-nologo", "-sval", "-spdb", "-out", file, "deskreel.wixobj"],
  ];
}

function include(text: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<Include xmlns="http://schemas.microsoft.com/wix/2006/wi">\n${text}</Include>\n`;
}

/** A component for each file, as MSI counts references by, and folders as they lie. */
async function describePayload(root: string): Promise<{ files: string; refs: string }> {
  let count = 0;
  let refs = "";
  const describe = async (folder: string): Promise<string> => {
    let text = "";
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      count += 1;
      if (entry.isDirectory()) {
        text += `<Directory Id="Folder${count}" Name="${escapeXml(entry.name)}">\n${await describe(path)}</Directory>\n`;
      } else {
        text += `<Component Id="Part${count}" Guid="*" Win64="yes"><File Id="File${count}" Source="app/${escapeXml(path)}" KeyPath="yes"/></Component>\n`;
        refs += `<ComponentRef Id="Part${count}"/>\n`;
      }
    }
    return text;
  };
  return { files: await describe(""), refs };
}
