import { expect, test } from "../fixtures/test.ts";
import type { Desktop } from "../rig/desktop.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const WITHIN_MS = 20_000;

test("an agent is told once of each recording, also over a restart of the recorder", async ({
  recorder,
  linux,
  desktop,
  call,
  anotherCall,
}) => {
  const { shown } = linux.notifications;
  const ann = await desktop(ANN, "PC-0815", {
    settings: { notice: "start" },
    env: { ...linux.env, LANGUAGE: "en_GB" },
  });
  await call.ring({ customer: "+14255550100", queue: "<b>Billing</b>" });
  await waitFor("a notice", () => shown.length > 0, { withinMs: WITHIN_MS });
  await call.connect();
  await call.captured();
  await recorder.stop("SIGKILL");
  await waitFor("the end of the connection", () => lines(ann, "connection ended") > 0, {
    withinMs: WITHIN_MS,
  });
  await recorder.start();
  await waitFor("the desktop to be back", () => lines(ann, "recorder connected") > 1, {
    withinMs: WITHIN_MS,
  });
  await call.end();
  await call.sealed();
  await anotherCall().connect();
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
