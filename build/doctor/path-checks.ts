import { access, constants, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError, isSystemError } from "#shared/runtime/errors.ts";
import type { Finding, FindingMaker } from "./finding.ts";

/** A folder that a program writes to: there and writable, or one that it can make. */
export async function checkFolder(
  group: FindingMaker,
  name: string,
  folder: string,
  key: string,
): Promise<Finding> {
  const { ok, fail } = group;
  const place = await nearestFolder(folder);
  try {
    const found = await stat(place);
    if (!found.isDirectory()) return fail(name, `${place} is no folder`, `move it away, or set ${key}`);
    await access(place, constants.W_OK | constants.X_OK);
    return place === folder
      ? ok(name, `${folder} can be written to`)
      : ok(name, `${folder} is not there yet; it is made at the first start`);
  } catch (error) {
    const who = process.getuid === undefined ? "this user" : `user ${process.getuid()}`;
    return fail(
      name,
      `${place} cannot be written to by ${who} (${describeError(error)})`,
      `chown it to the user that Deskreel runs as, or set ${key}`,
    );
  }
}

/** A file that holds secrets: nobody but its owner may read it. */
export async function checkSecretFile(
  group: FindingMaker,
  name: string,
  path: string,
  options: { isMade: boolean; isJson: boolean; key: string },
): Promise<Finding> {
  const { ok, fail } = group;
  try {
    const { mode } = await stat(path);
    const text = await readFile(path, "utf8");
    if (options.isJson) JSON.parse(text);
    const rights = mode & 0o777;
    if (process.platform !== "win32" && (rights & 0o077) !== 0)
      return fail(name, `${path} can be read by others (mode ${rights.toString(8)})`, `chmod 600 ${path}`);
    return ok(name, `${path}, mode ${rights.toString(8)}`);
  } catch (error) {
    if (isSystemError(error, "ENOENT"))
      return options.isMade
        ? ok(name, `${path} is made at the first start`)
        : fail(name, `${path} is not there`, `put it there, or set ${options.key}`);
    if (error instanceof SyntaxError)
      return fail(name, `${path} is not valid JSON`, "mend it, or move it away to have new tokens made");
    return fail(
      name,
      `${path} cannot be read (${describeError(error)})`,
      "run as the user that Deskreel runs as",
    );
  }
}

/** The folder itself, or the closest one above it that is there. */
export async function nearestFolder(folder: string): Promise<string> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      await stat(place);
      return place;
    } catch (error) {
      if (!isSystemError(error, "ENOENT") || dirname(place) === place) return place;
    }
  }
}
