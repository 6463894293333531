import { copyFile, cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../setup/command.mjs";
import { autostartTask } from "./autostart-task.ts";
import { escapeXml } from "./xml.ts";

const SOURCE = join(import.meta.dirname, "msi/deskreel.wxs");
const SCHTASKS = '"[System64Folder]schtasks.exe"';
/** MSI's codes: a program from a folder (34), deferred (1024), as the system (2048), its result ignored (64). */
const AS_SYSTEM = 34 + 1024 + 2048;

/**
 * What WiX makes of the source and wixl 0.101 does not know: which properties an administrator hands on and which no log
 * shows, when components are installed, programs that are run.
 */
const AFTER_WIXL = [
  "UPDATE `Property` SET `Value`='SERVERURL;ENROLLTOKEN;NOTICE;AUTOSTART;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED' WHERE `Property`='SecureCustomProperties'",
  "INSERT INTO `Property` (`Property`,`Value`) VALUES ('MsiHiddenProperties','ENROLLTOKEN;OLDENROLLTOKEN')",
  "UPDATE `Component` SET `Condition`='SERVERURL' WHERE `Component`='Settings'",
  "UPDATE `Component` SET `Condition`='ENROLLTOKEN' WHERE `Component`='Token'",
  "UPDATE `Component` SET `Condition`='NOTICE' WHERE `Component`='Notice'",
  `INSERT INTO \`CustomAction\` (\`Action\`,\`Type\`,\`Source\`,\`Target\`) VALUES ('CreateTask',${AS_SYSTEM},'INSTALLDIR','${SCHTASKS} /Create /F /TN Deskreel /XML "[INSTALLDIR]autostart-task.xml"')`,
  `INSERT INTO \`CustomAction\` (\`Action\`,\`Type\`,\`Source\`,\`Target\`) VALUES ('DeleteTask',${AS_SYSTEM + 64},'INSTALLDIR','${SCHTASKS} /Delete /F /TN Deskreel')`,
  `INSERT INTO \`InstallExecuteSequence\` (\`Action\`,\`Condition\`,\`Sequence\`) VALUES ('DeleteTask','(REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE) OR (NOT REMOVE AND AUTOSTART="0")',3499)`,
  `INSERT INTO \`InstallExecuteSequence\` (\`Action\`,\`Condition\`,\`Sequence\`) VALUES ('CreateTask','NOT REMOVE AND AUTOSTART="1"',4001)`,
];

/**
 * Builds a Windows Installer package with wixl (Debian's msitools), per machine, silent where it is told to be.
 *
 * @param appFolder - the unpacked app for Windows; `Deskreel.exe` in it.
 * @param version - three numbers.
 */
export async function buildMsi(appFolder: string, file: string, version: string): Promise<void> {
  const stage = await mkdtemp(join(tmpdir(), "deskreel-msi-"));
  try {
    // wixl takes sources relative to where it runs.
    await cp(appFolder, join(stage, "app"), { recursive: true });
    await writeFile(join(stage, "app/autostart-task.xml"), autostartTask());
    const payload = await describePayload(join(stage, "app"));
    await writeFile(join(stage, "payload-files.wxi"), include(payload.files));
    await writeFile(join(stage, "payload-refs.wxi"), include(payload.refs));
    await copyFile(SOURCE, join(stage, "deskreel.wxs"));
    await rm(file, { force: true });
    await runCommand(
      "wixl",
      ["-a", "x64", "-D", `Version=${version}`, "-D", "Wixl=1", "-o", file, "deskreel.wxs"],
      {
        cwd: stage,
      },
    );
    for (const query of AFTER_WIXL) await runCommand("msibuild", [file, "-q", query]);
  } finally {
    await rm(stage, { recursive: true });
  }
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
