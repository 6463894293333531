import { join } from "node:path";
import { expect, test } from "../fixtures/test.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { versionFolder } from "../rig/replay.ts";
import { REPAINT_EVERY_MS } from "../screen/layout.ts";

const ANN = "ann@contoso.com";
const BOB = "bob@contoso.com";
/** How far a picture's own clock may be from the interaction's timeline: a busy machine paints late. */
const CLOCK_TOLERANCE_MS = REPAINT_EVERY_MS + 250;

test.use({
  siteOptions: { adapter: { stitch: { audioSettleS: 0 } }, dynamics: { recordingsPollEveryS: 1 } },
});

test("a transferred call becomes one interaction with both agents' screens, each at its own time", async ({
  site,
  anotherMonitor,
  desktop,
  placeCall,
}) => {
  await desktop(ANN, "PC-ANN");
  await desktop(BOB, "PC-BOB", await anotherMonitor());
  const call = await placeCall("transfer");
  const { startedAt } = await call.finished;
  const whole = await call.interaction(({ screens, audio }) => screens.length === 2 && audio !== null);

  expect(whole.agents.map(({ name }) => name)).toEqual(["Ann Agent", "Bob Backoffice"]);
  expect(whole.screens.map(({ agent, desktop: device }) => [agent, device])).toEqual([
    [ANN, "PC-ANN"],
    [BOB, "PC-BOB"],
  ]);
  expect(whole.audio?.parts).toHaveLength(1);
  expect(whole).toMatchObject({
    version: 1,
    coverage: "recorded",
    // Dataverse's times are whole seconds.
    startedAt: new Date(Math.floor(startedAt / 1_000) * 1_000).toISOString(),
  });
  // Bob's screen begins when it rings at him, 9 s into the call, and ends last.
  expect(whole.screens[1]?.offsetMs).toBeGreaterThanOrEqual(9_000);
  for (const screen of whole.screens) {
    const pictures = await readBarCodes(join(versionFolder(site.archiveDir, whole), screen.file));
    // At 5 pictures a second even the shorter of the two has far more; none at all would have no error either.
    expect(pictures.length).toBeGreaterThan(20);
    const from = Date.parse(whole.startedAt) + screen.offsetMs;
    const errors = pictures.map(({ ptsMs, value }) => Math.abs(from + ptsMs - (value ?? 0)));
    expect(Math.max(...errors)).toBeLessThanOrEqual(CLOCK_TOLERANCE_MS);
  }
});
