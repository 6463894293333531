import { _electron, type ElectronApplication } from "@playwright/test";
import { electronProgram } from "../../build/electron-program.ts";
import type { Site } from "./site.ts";
import { getJson } from "./events.ts";
import { waitFor } from "./wait.ts";
import type { XDisplay } from "./x-display.ts";

/** A running tray app. */
export interface Desktop extends AsyncDisposable {
  readonly app: ElectronApplication;
  /** What it wrote to stderr and stdout. */
  output(): string;
}

const READY_WITHIN_MS = 60_000;

/** Launches the real app under Playwright and waits until the recorder lists it as idle. */
export async function launchDesktop(
  site: Site,
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

/** Waits until the recorder knows a desktop of the agent on the device. */
export async function waitUntilIdle(
  site: Pick<Site, "recorderUrl" | "tokens">,
  agent: string,
  device: string,
  signal?: AbortSignal,
): Promise<void> {
  await waitFor(
    `the desktop of ${agent} on ${device}`,
    async () => {
      const { items } = await getJson<{
        items: { agent: string; desktops: { device: string; state: string }[] }[];
      }>(`${site.recorderUrl}/v1/agents`, site.tokens.admin);
      return items.some(
        (item) =>
          item.agent === agent &&
          item.desktops.some((seen) => seen.device === device && seen.state !== "offline"),
      );
    },
    { withinMs: READY_WITHIN_MS, ...(signal ? { signal } : {}) },
  );
}
