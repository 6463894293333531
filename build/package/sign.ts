import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { runCommand } from "../setup/command.mjs";

/** What Windows and its policies look for a signature in. */
const PROGRAMS = [".exe", ".dll"];

/** Signs files in place. */
export type Signer = (file: string) => Promise<void>;

/**
 * The command that `DESKREEL_SIGN_COMMAND` names, a line of the system's shell, with the file as its last argument: where
 * a certificate's key is, in a file, a card or a service, only who has it knows.
 *
 * @returns null where there is none: then nothing is signed.
 */
export function configuredSigner(environment: NodeJS.ProcessEnv = process.env): Signer | null {
  const command = environment["DESKREEL_SIGN_COMMAND"];
  if (!command) return null;
  return async (file) => {
    const env = { ...environment, DESKREEL_FILE_TO_SIGN: file };
    // The shell takes the name from its environment, so nothing in it is taken for a part of the line.
    if (process.platform === "win32")
      await runCommand("cmd.exe", ["/d", "/c", `${command} "%DESKREEL_FILE_TO_SIGN%"`], { env });
    else await runCommand("sh", ["-c", `${command} "$DESKREEL_FILE_TO_SIGN"`], { env });
  };
}

/** Signs an unpacked app's programs and libraries. */
export async function signPrograms(folder: string, sign: Signer): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((one) => PROGRAMS.includes(extname(one).toLowerCase())).sort())
    await sign(join(folder, name));
}
