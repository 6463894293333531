import { _electron, type ElectronApplication, test } from "@playwright/test";
import { electronProgram } from "../../build/electron-program.ts";
import { waitUntilIdle } from "./desktop-ready.ts";
import { installedApp } from "./installed-app.ts";
import { startProgram } from "./program.ts";
import type { ConfigTree, Site } from "./site.ts";
import type { XDisplay } from "./x-display.ts";

/** A running tray app. */
export interface Desktop extends AsyncDisposable {
  /** Its inside. An installed app shows none, so there the test that asks for it is skipped. */
  readonly app: ElectronApplication;
  /** What it wrote to stderr and stdout. */
  output(): string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

interface Seat {
  agent: string;
  device: string;
  x: XDisplay;
  /** Keys of the section `desktop` beside those that every desktop has. */
  settings?: ConfigTree;
  env?: Record<string, string>;
  /** Chromium's own. */
  switches?: readonly string[];
}

/**
 * Launches the real app and waits until the recorder lists it as idle: the working tree's under Playwright, or the
 * installed one that `DESKREEL_APP` names as a program like any other.
 */
export async function launchDesktop(
  site: Pick<Site, "desktopConfig" | "recorderUrl" | "tokens">,
  seat: Seat,
): Promise<Desktop> {
  const configFile = await site.desktopConfig(seat.agent, seat.device, undefined, seat.settings);
  const args = [...(seat.switches ?? []), "--config", configFile];
  const env = { DISPLAY: seat.x.display, ...seat.env };
  const installed = installedApp();
  const desktop =
    installed === null ? await launchUnderPlaywright(args, env) : await launchInstalled(installed, args, env);
  try {
    await waitUntilIdle(site, seat.agent, seat.device);
  } catch (cause) {
    await desktop[Symbol.asyncDispose]();
    throw new Error(`the desktop ${seat.device} did not come; it wrote:\n${desktop.output()}`, { cause });
  }
  return desktop;
}

async function launchUnderPlaywright(args: readonly string[], env: Record<string, string>): Promise<Desktop> {
  const program = electronProgram(args);
  const app = await _electron.launch({
    executablePath: program.executable,
    args: program.args,
    env: { ...(process.env as Record<string, string>), ...env },
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
  return { app, output: () => output, kill, [Symbol.asyncDispose]: () => app.close() };
}

async function launchInstalled(
  executable: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Desktop> {
  let output = "";
  // Chromium's sandbox cannot be had as root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const program = await startProgram("the installed desktop", executable, [...sandbox, ...args], {
    env,
    onLine: (line) => {
      output += `${line}\n`;
    },
  });
  return {
    get app(): never {
      test.skip(true, "an installed app opens no inspector");
      throw new Error("an installed app opens no inspector");
    },
    output: () => output,
    kill: () => program.kill(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
