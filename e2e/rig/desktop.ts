import { join } from "node:path";
import { _electron, type ElectronApplication, test } from "@playwright/test";
import { electronProgram } from "../../build/electron-program.ts";
import { packLinuxAppForTests } from "../../build/package/unpacked-app.ts";
import { waitUntilIdle } from "./desktop-ready.ts";
import { installedApp } from "./installed-app.ts";
import { giveToOrdinaryUser, makeHome, ORDINARY_USER, withinReach } from "./ordinary-user.ts";
import { startProgram } from "./program.ts";
import type { ConfigTree, Site } from "./site.ts";
import type { XDisplay } from "./x-display.ts";

/** A running tray app. */
export interface Desktop extends AsyncDisposable {
  /** Its inside. A packaged app shows none, so there the test that asks for it is skipped. */
  readonly app: ElectronApplication;
  readonly pid: number;
  /** Its key, its logs, its crash dumps. */
  readonly dataDir: string;
  /** What it wrote to stderr and stdout. */
  output(): string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface Seat {
  agent: string;
  device: string;
  x: XDisplay;
  /** Keys of the section `desktop` beside those that every desktop has. */
  settings?: ConfigTree;
  env?: Record<string, string>;
  /** Chromium's own. */
  switches?: readonly string[];
  /** Whether it is the packed app rather than the working tree's; `DESKREEL_APP` goes before both. */
  packaged?: boolean;
}

type DesktopSite = Pick<Site, "desktopConfig" | "recorderUrl" | "tokens" | "folder">;

/**
 * Launches the real app and waits until the recorder lists it as idle: the working tree's under Playwright; a packed or
 * installed one as an ordinary user's session does, with Chromium's sandbox on and no inspector.
 */
export async function launchDesktop(site: DesktopSite, seat: Seat): Promise<Desktop> {
  const executable = installedApp() ?? (seat.packaged ? (await packLinuxAppForTests()).executable : null);
  const desktop =
    executable === null
      ? await launchUnderPlaywright(site, seat)
      : await launchPackaged(executable, site, seat);
  try {
    await waitUntilIdle(site, seat.agent, seat.device);
  } catch (cause) {
    await desktop[Symbol.asyncDispose]();
    throw new Error(`the desktop ${seat.device} did not come; it wrote:\n${desktop.output()}`, { cause });
  }
  return desktop;
}

async function launchUnderPlaywright(site: DesktopSite, seat: Seat): Promise<Desktop> {
  const configFile = await site.desktopConfig(seat.agent, seat.device, undefined, seat.settings);
  const program = electronProgram([...(seat.switches ?? []), "--config", configFile]);
  const app = await _electron.launch({
    executablePath: program.executable,
    args: program.args,
    env: { ...(process.env as Record<string, string>), DISPLAY: seat.x.display, ...seat.env },
  });
  let output = "";
  const child = app.process();
  const ended = new Promise((resolve) => child.once("close", resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    app,
    pid: child.pid ?? 0,
    dataDir: join(site.folder, `desktop-${seat.device}`),
    output: () => output,
    kill,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

async function launchPackaged(executable: string, site: DesktopSite, seat: Seat): Promise<Desktop> {
  const home = await makeHome(join(site.folder, `home-${seat.device}`));
  const configFile = await site.desktopConfig(seat.agent, seat.device, home, seat.settings);
  await giveToOrdinaryUser(configFile);
  let output = "";
  const program = await startProgram(
    "the packaged desktop",
    await withinReach(executable, site.folder),
    [...(seat.switches ?? []), "--config", configFile],
    {
      ...(ORDINARY_USER === process.getuid?.() ? {} : { uid: ORDINARY_USER }),
      cwd: home,
      env: {
        ...{ DISPLAY: seat.x.display, HOME: home, XDG_RUNTIME_DIR: home },
        ...{ XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, ...seat.env },
      },
      onLine: (line) => {
        output += `${line}\n`;
      },
    },
  );
  return {
    get app(): never {
      test.skip(true, "a packaged app opens no inspector");
      throw new Error("a packaged app opens no inspector");
    },
    pid: program.pid,
    dataDir: join(home, `desktop-${seat.device}`),
    output: () => output,
    kill: () => program.kill(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
