import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Recording } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import type { Desktop } from "../rig/desktop.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";

test("a desktop that dies in a call takes up the same track when it is back, and its tray follows", async ({
  site,
  recorder,
  desktop,
  call,
}) => {
  const first = await desktop(ANN, "PC-0815");
  await call.ring();
  await call.connect();
  await waitFor("the tray to say recording", () => icons(first).includes("recording"), { withinMs: 10_000 });
  await sleep(2_000);
  await first.kill();
  await sleep(4_000);
  const second = await desktop(ANN, "PC-0815");
  await waitFor("the tray to say recording again", () => icons(second).includes("recording"), {
    withinMs: 10_000,
  });
  await untilItGoesOn(site, await call.recording());
  await sleep(2_000);
  await call.end();

  const recording = await call.sealed();
  const [track] = recording.tracks;
  expect(recording.tracks).toHaveLength(1);
  expect(track?.segments.map(({ id }) => id)).toEqual(["000001", "000002"]);
  expect(track?.coverage.filter(({ reason }) => reason === "connection-lost")).toHaveLength(1);
  for (const { file } of recorder.files(recording)) expect(await decodeFaults(file)).toBe("");
  await waitFor("the tray to be idle", () => icons(second).at(-1) === "idle", { withinMs: 10_000 });
  expect(icons(first)).toEqual(["offline", "idle", "recording"]);
  // Whether the tray shows idle for a moment before it records again is a matter of milliseconds.
  expect(icons(second).slice(0, 1)).toEqual(["offline"]);
  expect(icons(second).slice(-2)).toEqual(["recording", "idle"]);

  const logged = await readFile(join(second.dataDir, "logs", "desktop.log"), "utf8");
  expect(logged.split("\n").filter((line) => line.includes('"desktop started"'))).toHaveLength(2);
  expect(logged).not.toContain(site.tokens.enrollment);
});

/** Waits until pictures are written again after a lost connection. */
async function untilItGoesOn(site: Site, { id }: Recording): Promise<void> {
  const second = join(site.bufferDir, id, "1", "000002.scn.part");
  await waitFor("the second segment", () => existsSync(second), { withinMs: 30_000 });
}

/** The icons that the tray has shown, by the desktop's log. */
function icons(desktop: Desktop): string[] {
  return desktop
    .output()
    .split("\n")
    .filter((line) => line.includes('"tray changed"'))
    .map((line) => (JSON.parse(line) as { icon: string }).icon);
}
