import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { InstallerMarks } from "../domain/update.ts";

/** The MSI writes it before it touches a file: `update` or `removal`. */
const REQUEST = "leave-request";
/** The Debian package writes it once everything is in place. */
const INSTALLED = "installed";

/**
 * What installers have left.
 *
 * @param folder - the one with the app's code; only administrators can write there.
 */
export function readInstallerMarks(folder: string): InstallerMarks {
  const requestedAt = timeOf(join(folder, REQUEST));
  const request = requestedAt === null ? null : { for: readWord(join(folder, REQUEST)), at: requestedAt };
  return { request, installedAt: timeOf(join(folder, INSTALLED)) };
}

function timeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** An installer's word is there in an instant, or not at all. */
function readWord(file: string): "update" | "removal" {
  try {
    return readFileSync(file, "latin1").trim() === "removal" ? "removal" : "update";
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EBUSY"))
      return "update";
    throw error;
  }
}
