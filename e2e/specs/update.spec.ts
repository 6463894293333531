import { readdirSync, readFileSync } from "node:fs";
import { cp, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { electronProgram } from "../../build/electron-program.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { waitUntilIdle } from "../rig/desktop-ready.ts";
import { scriptCall } from "../rig/events.ts";
import { installedApp } from "../rig/installed-app.ts";
import { startProgram } from "../rig/program.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const DEVICE = "PC-0815";
/** What the app ends with for an installer. */
const EXIT_FOR_INSTALLER = 3;
/** What an update waits for a recording. */
const WAITS_S = 600;
/** What is left of it in the second call. */
const LEFT_S = 4;

test("an update waits for a call's end, but not for ever: then the call has a gap and goes on", async ({
  site,
  monitor,
  folder,
}) => {
  test.skip(installedApp() !== null, "an installed app's folder is not the test's to write in");
  // Installers leave their marks beside the app's code, so this app has a place of its own.
  const code = join(folder, "installed/app");
  await cp(join(REPOSITORY, "dist/desktop"), code, { recursive: true });
  const mark = (name: string) => join(folder, "installed", name);
  const configFile = await site.desktopConfig(ANN, DEVICE);
  const { executable, args } = electronProgram(["--config", configFile]);
  const start = () =>
    startProgram("the desktop", executable, [code, ...args.slice(1)], {
      env: { DISPLAY: monitor.x.display },
    });
  await using cleanup = new AsyncDisposableStack();
  // It starts itself anew as nobody's child.
  cleanup.defer(() => {
    for (const pid of processesOf(code)) process.kill(pid, "SIGKILL");
  });
  await writeFile(mark("installed"), "");
  const first = cleanup.use(await start());
  await waitUntilIdle(site, ANN, DEVICE);

  const short = scriptCall(site, ANN);
  await short.say("ringing");
  await short.say("connected");
  await short.recording(({ tracks }) => tracks.length === 1);
  await writeFile(mark("installed"), "");
  await waitFor(
    "the app's word that it waits",
    () => first.tail().includes("update waits for the recording"),
    {
      withinMs: 20_000,
    },
  );
  await sleep(3_000);
  await short.say("agent-available");
  const undisturbed = await short.recording(({ phase }) => phase === "sealed");
  expect(undisturbed).toMatchObject({ coverage: "recorded" });
  expect(await first.ended).toEqual({ code: EXIT_FOR_INSTALLER, signal: null });
  await waitUntilIdle(site, ANN, DEVICE);

  const long = scriptCall(site, ANN);
  await long.say("ringing");
  await long.say("connected");
  await long.recording(({ tracks }) => tracks.length === 1);
  await writeFile(mark("installed"), "");
  const askedAt = Date.now() / 1_000 + LEFT_S - WAITS_S;
  await utimes(mark("installed"), askedAt, askedAt);
  await long.recording(
    ({ tracks }) =>
      tracks[0]?.coverage.some(({ reason, to }) => reason === "desktop-updated" && to !== null) === true,
    60_000,
  );
  await sleep(3_000);
  await long.say("agent-available");
  const recording = await long.recording(({ phase }) => phase === "sealed");
  const [track] = recording.tracks;
  expect(recording.tracks).toHaveLength(1);
  expect(track?.segments.map(({ id }) => id)).toEqual(["000001", "000002"]);
  expect(track?.coverage.map(({ state, reason = null }) => [state, reason])).toEqual([
    ["gap", "late-start"],
    ["captured", null],
    ["gap", "desktop-updated"],
    ["captured", null],
  ]);
  for (const { id } of track?.segments ?? [])
    expect(await decodeFaults(join(site.bufferDir, recording.id, track?.id ?? "", `${id}.scn`))).toBe("");

  // As the MSI does: it brings the apps back itself, and until then none starts.
  await writeFile(mark("leave-request"), "update\r\n");
  await waitFor("the app's end", () => processesOf(code).length === 0, { withinMs: 20_000 });
  await using early = await start();
  expect(await early.ended).toEqual({ code: EXIT_FOR_INSTALLER, signal: null });
  await rm(mark("leave-request"));
  await using _late = await start();
  await waitUntilIdle(site, ANN, DEVICE);
});

function processesOf(code: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(code);
      } catch {
        return false; // Ended while it was looked at.
      }
    })
    .map(Number);
}
