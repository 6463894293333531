import { join } from "node:path";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { type Desktop, launchDesktop } from "../rig/desktop.ts";
import { scriptCall } from "../rig/events.ts";
import { startProgram } from "../rig/program.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const WITHIN_MS = 20_000;

test("an agent is told once of each recording, also over a restart of the recorder", async ({
  site,
  monitor,
  linux,
}) => {
  const { shown } = linux.notifications;
  await using desktop = await launchDesktop(site, {
    agent: ANN,
    device: "PC-0815",
    x: monitor.x,
    settings: { notice: "start" },
    env: { ...linux.env, LANGUAGE: "en_GB" },
  });

  const call = scriptCall(site, ANN);
  await call.say("ringing", { customer: "+14255550100", queue: "<b>Billing</b>" });
  await waitFor("a notice", () => shown.length > 0, { withinMs: WITHIN_MS });
  await call.say("connected");
  await call.recording(({ tracks }) => tracks.length > 0);
  await site.recorder.kill();
  await waitFor("the end of the connection", () => lines(desktop, "connection ended") > 0, {
    withinMs: WITHIN_MS,
  });
  const main = join(REPOSITORY, "apps/recorder/main.ts");
  const args = [main, "--config", site.configFile];
  await using _again = await startProgram("the recorder", process.execPath, args);
  await waitFor("the desktop to be back", () => lines(desktop, "recorder connected") > 1, {
    withinMs: WITHIN_MS,
  });
  await call.say("agent-available");
  await call.recording(({ phase }) => phase === "sealed");
  const next = scriptCall(site, ANN);
  await next.say("connected");
  await waitFor("the next notice", () => shown.length > 1, { withinMs: WITHIN_MS });

  const title = "Your screen is being recorded";
  expect(shown).toEqual([
    {
      ...{ app: "Deskreel", title },
      // Electron's own; nothing follows from it.
      actions: ["default", "View"],
      body: expect.stringMatching(
        /^Recording — call from \+1 425 555 0100 \(‹b›Billing‹\/b›\), since \d\d:\d\d$/,
      ),
      hints: expect.objectContaining({ urgency: 0 }),
    },
    expect.objectContaining({ title, body: expect.stringMatching(/^Recording — call, since \d\d:\d\d$/) }),
  ]);
});

/** How many lines of the desktop's log say so. */
function lines(desktop: Desktop, message: string): number {
  return desktop.output().split(`"msg":"${message}"`).length - 1;
}
