import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cache } from "../../build/setup/cache.mjs";
import { run } from "#shared/runtime/subprocess.ts";
import { failsToStart, startProgram } from "./program.ts";
import type { XDisplay } from "./x-display.ts";

const READY_WITHIN_MS = 30_000;
/** Debian's packages of an X server whose monitors are made up, and of what plugs them in. */
const PACKAGES = ["xserver-xorg-core", "xserver-xorg-video-dummy", "libxcvt0", "x11-xserver-utils"];

const CONFIG = `
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
  Option "DontVTSwitch" "true"
EndSection
Section "Device"
  Identifier "made-up"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "first"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "1280x720" 74.50 1280 1344 1472 1664 720 723 728 748
  Modeline "1920x1080" 173.00 1920 2048 2248 2576 1080 1083 1088 1120
  Modeline "2560x1440" 240.00 2560 2752 3024 3488 1440 1443 1448 1493
  Modeline "1080x1280" 110.00 1080 1152 1264 1450 1280 1283 1293 1320
EndSection
Section "Screen"
  Identifier "all"
  Device "made-up"
  Monitor "first"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 5120 2880
    Modes "1280x720"
  EndSubSection
EndSection
`;

/** An X server with two monitors beside one another, of which the second one is not plugged in at first. */
export interface PluggableDisplay extends XDisplay {
  plugIn(which?: MonitorName): Promise<void>;
  unplug(which?: MonitorName): Promise<void>;
  resize(which: MonitorName, mode: MonitorMode): Promise<void>;
  /** Each takes the other's place; what they show does not move. */
  swap(): Promise<void>;
  setPrimary(which: MonitorName): Promise<void>;
}

/** Unless something else is said, it is the second one that is plugged. */
export type MonitorName = "first" | "second";
const OUTPUTS: Readonly<Record<MonitorName, string>> = { first: "DUMMY0", second: "DUMMY1" };

/** What the monitors can show; the last one is upright, as one that is turned. */
const MODES = ["1280x720", "1920x1080", "2560x1440", "1080x1280"] as const;
export type MonitorMode = (typeof MODES)[number];

/** Whether {@link startPluggableDisplay} can work here: on Debian, and as root, since it opens a terminal of the kernel. */
export const HAS_PLUGGABLE_DISPLAY = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");

/**
 * Starts it on a free display number; Xvfb cannot plug monitors. The server is fetched at the first time.
 *
 * @param mode - of both monitors.
 */
export async function startPluggableDisplay(mode: MonitorMode = "1280x720"): Promise<PluggableDisplay> {
  const [width, height] = mode.split("x").map(Number) as [number, number];
  const root = await fetchXorg();
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-xorg-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "xorg.conf"), CONFIG);
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const ready = Promise.withResolvers<string>();
  const server = parts.use(
    await startProgram(
      "Xorg",
      join(root, "usr/lib/xorg/Xorg"),
      [
        ...["-displayfd", "1", "-config", join(folder, "xorg.conf"), "-logfile", join(folder, "log")],
        ...["-modulepath", join(root, "usr/lib/xorg/modules"), "-nolisten", "tcp", "-noreset"],
        ...["-novtswitch", "-sharevts", "vt7"],
      ],
      {
        env: { LD_LIBRARY_PATH: libraries },
        onLine: (line) => {
          if (/^\d+$/.test(line)) ready.resolve(line);
        },
      },
    ),
  );
  const number = await Promise.race([ready.promise, failsToStart(server, READY_WITHIN_MS)]);
  const display = `:${number}`;
  const xrandr = async (...args: string[]) => {
    await run(join(root, "usr/bin/xrandr"), args, { env: { ...process.env, DISPLAY: display } });
  };
  for (const output of Object.values(OUTPUTS))
    for (const each of MODES) await xrandr("--addmode", output, each);
  await xrandr("--output", OUTPUTS.first, "--mode", mode);
  const left: Record<MonitorName, number> = { first: 0, second: width };
  const shown = (which: MonitorName) => [
    "--output",
    OUTPUTS[which],
    "--mode",
    mode,
    "--pos",
    `${left[which]}x0`,
  ];
  const arrange = async (...args: string[]) => {
    await xrandr(...args);
    // The server tells its clients of a made-up monitor only when somebody has it look for monitors.
    await xrandr();
  };
  const owned = parts.move();
  return {
    display,
    width,
    height,
    pid: server.pid,
    plugIn: (which = "second") => arrange(...shown(which)),
    unplug: (which = "second") => arrange("--output", OUTPUTS[which], "--off"),
    resize: (which, size) => arrange("--output", OUTPUTS[which], "--mode", size),
    swap() {
      [left.first, left.second] = [left.second, left.first];
      return arrange(...shown("second"), ...shown("first"));
    },
    setPrimary: (which) => arrange("--output", OUTPUTS[which], "--primary"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Not installed but unpacked: the packages would bring along what has no place on a machine without monitors. */
async function fetchXorg(): Promise<string> {
  const cache = new Cache();
  const [kind, key] = ["xorg-dummy", process.arch];
  if ((await cache.keys(kind)).includes(key)) return cache.entry(kind, key);
  return cache.publish(kind, key, (folder) =>
    cache.inScratch(async (scratch) => {
      await run("apt-get", ["-q", "download", ...PACKAGES], { cwd: scratch });
      for (const name of await readdir(scratch)) await run("dpkg", ["-x", join(scratch, name), folder]);
    }),
  );
}
