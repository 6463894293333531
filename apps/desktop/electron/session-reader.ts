import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DurationMs } from "#shared/time/units.ts";
import {
  LOGIND_PROPERTIES,
  parseBusctl,
  parseQwinsta,
  type SessionReading,
} from "../domain/session-reading.ts";

const run = promisify(execFile);
const SYSTEM_BUS = "/run/dbus/system_bus_socket";
/** Of systemd-logind; `auto` is the caller's own. */
const OWN_SESSION = [
  "org.freedesktop.login1",
  "/org/freedesktop/login1/session/auto",
  "org.freedesktop.login1.Session",
];
const ANSWERS_WITHIN_MS: DurationMs = 2_000;

/**
 * Asks the operating system for what Electron has no events of: whether a remote session has lost its client (Windows), or
 * another user's session is shown and whether ours is locked (Linux). Null where there is nothing to ask.
 */
export function sessionReader(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): (() => Promise<SessionReading | null>) | null {
  if (platform === "win32") {
    const program = join(environment["SystemRoot"] ?? "C:\\Windows", "System32", "qwinsta.exe");
    return async () => parseQwinsta(await answerOf(program, []));
  }
  // Without a system bus (an X server in a container, say) there is nobody to ask.
  const hasBus = environment["DBUS_SYSTEM_BUS_ADDRESS"] !== undefined || existsSync(SYSTEM_BUS);
  if (platform !== "linux" || !hasBus) return null;
  const question = ["--system", "get-property", ...OWN_SESSION, ...LOGIND_PROPERTIES];
  return async () => parseBusctl(await answerOf("busctl", question));
}

async function answerOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { timeout: ANSWERS_WITHIN_MS, windowsHide: true });
  return stdout;
}
