import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { scriptCall } from "../rig/events.ts";
import { launchUnprivilegedDesktop, pageProcesses } from "../rig/unprivileged-desktop.ts";

const ANN = "ann@contoso.com";
const NOBODY = "65534";

test("an ordinary user's desktop records with Chromium's sandbox on", async ({ site, monitor }) => {
  test.skip(process.getuid?.() !== 0, "only as root do the other tests run without the sandbox");
  // Of every user's reach, which a folder of mkdtemp is not.
  const folder = await mkdtemp(join("/var/tmp", "deskreel-nobody-"));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  await using desktop = await launchUnprivilegedDesktop(site, {
    agent: ANN,
    device: "PC-0815",
    x: monitor.x,
    folder,
  });
  const call = scriptCall(site, ANN);
  await call.say("connected");
  await call.recording(({ tracks }) => tracks.length > 0);
  await sleep(2_000);
  expect(pageProcesses(desktop.pid)).toEqual([{ seccomp: "2", uid: NOBODY }]);
  await call.say("agent-available");
  expect((await call.recording(({ phase }) => phase === "sealed")).coverage).toBe("recorded");
});
