import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failsToStart, startProgram } from "../program.ts";
import { BusConnection } from "./connection.ts";

/** A session bus of our own: nobody is on it but whom the test puts there, and nothing is started by it. */
export interface SessionBus extends AsyncDisposable {
  /** For the environment of programs that are to use it. */
  readonly env: { DBUS_SESSION_BUS_ADDRESS: string };
  connect(): Promise<BusConnection>;
}

const READY_WITHIN_MS = 15_000;

/** @param folder - for its socket; its path has to be short (108 bytes with the name). */
export async function startSessionBus(folder: string): Promise<SessionBus> {
  const socket = join(folder, "bus");
  const configFile = join(folder, "bus.conf");
  await writeFile(configFile, busConfig(socket));
  const ready = Promise.withResolvers<void>();
  const onLine = (line: string) => {
    if (line.startsWith("unix:")) ready.resolve();
  };
  await using parts = new AsyncDisposableStack();
  const args = ["--nofork", "--print-address=1", `--config-file=${configFile}`];
  const daemon = parts.use(await startProgram("the session bus", "dbus-daemon", args, { onLine }));
  await Promise.race([ready.promise, failsToStart(daemon, READY_WITHIN_MS)]);
  const owned = parts.move();
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` },
    connect: () => BusConnection.open(socket),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function busConfig(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
