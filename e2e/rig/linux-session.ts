import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NotificationDaemon, startNotificationDaemon } from "./dbus/notification-daemon.ts";
import { startSessionBus } from "./dbus/session-bus.ts";
import { startTrayHost, type TrayHost } from "./dbus/tray-host.ts";
import { letEveryoneIn } from "./ordinary-user.ts";

/** What a Linux desktop has around an app: a panel with a tray, notifications, a program that opens things. */
export interface LinuxSession extends AsyncDisposable {
  /** For the environment of the app. */
  readonly env: Record<string, string>;
  readonly tray: TrayHost;
  readonly notifications: NotificationDaemon;
  /** What the app had opened, in order. */
  opened(): Promise<string[]>;
}

export async function startLinuxSession(): Promise<LinuxSession> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-session-"));
  parts.defer(() => rm(folder, { recursive: true }));
  await letEveryoneIn(folder);
  const bus = parts.use(await startSessionBus(folder));
  const tray = parts.use(await startTrayHost(bus));
  const notifications = parts.use(await startNotificationDaemon(bus));
  const openedFile = join(folder, "opened");
  await writeFile(openedFile, "");
  // Whoever runs the app.
  await chmod(openedFile, 0o666);
  const programs = join(folder, "bin");
  await mkdir(programs);
  const opener = join(programs, "xdg-open");
  await writeFile(opener, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${openedFile}'\n`);
  await chmod(opener, 0o755);
  const owned = parts.move();
  return {
    env: { ...bus.env, PATH: `${programs}:${process.env["PATH"] ?? ""}` },
    tray,
    notifications,
    opened: async () => (await readFile(openedFile, "utf8")).split("\n").slice(0, -1),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
