import { _electron, type ElectronApplication } from "@playwright/test";
import { electronProgram } from "../../build/electron-program.ts";
import { waitUntilIdle } from "./desktop-ready.ts";
import type { Site } from "./site.ts";
import type { XDisplay } from "./x-display.ts";

/** A running tray app. */
export interface Desktop extends AsyncDisposable {
  readonly app: ElectronApplication;
  /** What it wrote to stderr and stdout. */
  output(): string;
}

/** Launches the real app under Playwright and waits until the recorder lists it as idle. */
export async function launchDesktop(
  site: Pick<Site, "desktopConfig" | "recorderUrl" | "tokens">,
  { agent, device, x }: { agent: string; device: string; x: XDisplay },
): Promise<Desktop> {
  const configFile = await site.desktopConfig(agent, device);
  const { executable, args } = electronProgram(["--config", configFile]);
  const app = await _electron.launch({
    executablePath: executable,
    args,
    env: { ...(process.env as Record<string, string>), DISPLAY: x.display },
  });
  let output = "";
  for (const stream of [app.process().stdout, app.process().stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const desktop = { app, output: () => output, [Symbol.asyncDispose]: () => app.close() };
  try {
    await waitUntilIdle(site, agent, device);
  } catch (cause) {
    await app.close();
    throw new Error(`the desktop ${device} did not come; it wrote:\n${output}`, { cause });
  }
  return desktop;
}
