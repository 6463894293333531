import { waitUntilIdle } from "../../../e2e/rig/desktop-ready.ts";
import { startPluggableDisplay } from "../../../e2e/rig/pluggable-display.ts";
import { type Program, startProgram } from "../../../e2e/rig/program.ts";
import { startXDisplay, type XDisplay } from "../../../e2e/rig/x-display.ts";
import { bundleDesktop } from "../../bundle-desktop.ts";
import { electronProgram } from "../../electron-program.ts";
import type { BenchRecorder } from "../bench-recorder.ts";
import { fillMonitor, type ShownScene, siteOf } from "../recorder/electron-desk.ts";

const SIZE = { width: 1920, height: 1080 } as const;
const DEVICE = "PC-MEASURED";

/** Monitors with something on them, and the real tray app as an agent's session starts it: nobody debugs it. */
export interface MeasuredDesk extends AsyncDisposable {
  readonly desktop: Program;
  readonly x: XDisplay;
  /** On every monitor. */
  show(scene: ShownScene): Promise<void>;
}

/** @param folder - for the tray app's data. */
export async function startMeasuredDesk(
  folder: string,
  recorder: BenchRecorder,
  { agent, monitors }: { agent: string; monitors: number },
): Promise<MeasuredDesk> {
  await using parts = new AsyncDisposableStack();
  const x = parts.use(await startMonitors(monitors));
  const screens: { show(scene: ShownScene): Promise<void> }[] = [];
  for (let monitor = 0; monitor < monitors; monitor++)
    screens.push(parts.use(await fillMonitor(x.display, monitor * SIZE.width)));
  const show = async (scene: ShownScene) => {
    await Promise.all(screens.map((screen) => screen.show(scene)));
  };
  await show("static");
  await bundleDesktop();
  const site = siteOf(folder, recorder);
  const configFile = await site.desktopConfig(agent, DEVICE);
  const { executable, args } = electronProgram(["--config", configFile]);
  const desktop = parts.use(
    await startProgram("the desktop", executable, args, {
      env: { DISPLAY: x.display },
      logFile: `${folder}/desktop.log`,
    }),
  );
  await waitUntilIdle(site, agent, DEVICE);
  const owned = parts.move();
  return { desktop, x, show, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Xvfb has one monitor only. */
async function startMonitors(count: number): Promise<XDisplay> {
  if (count === 1) return startXDisplay(SIZE);
  const display = await startPluggableDisplay(`${SIZE.width}x${SIZE.height}`);
  try {
    await display.plugIn();
    return display;
  } catch (error) {
    await display[Symbol.asyncDispose]();
    throw error;
  }
}
