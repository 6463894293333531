import { join } from "node:path";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { CallScriptInput } from "../dynamics/script/call-script.ts";
import { expect, test } from "../fixtures/test.ts";
import { isInSync, placeFlashes, SYNC_TOLERANCE_MS } from "../media/flash-sync.ts";
import { readBeeps } from "../media/read-beeps.ts";
import { HAS_FIREFOX, launchFirefox } from "../rig/firefox.ts";
import { versionFolder } from "../rig/replay.ts";
import { chromiumTourist, tourReplay, tourTrust } from "../rig/replay-tour.ts";
import { FLASH_EVERY_MS } from "../screen/layout.ts";

const ANN = { entraId: "97c90b02-4e38-4f11-a315-000d3a5a54dc", upn: "ann@contoso.com", name: "Ann Agent" };
const DEVICE = "PC-0815";

/** Two parts, because the recording pauses at hold; a beep at every instant at which the lamp is lit. */
const BEEPS: CallScriptInput = {
  customer: "+14255550100",
  queue: "Billing",
  agents: { ann: ANN },
  steps: [
    { atMs: 0, do: "ring", agent: "ann" },
    { atMs: 1_500, do: "answer", agent: "ann" },
    { atMs: 12_500, do: "hold", agent: "ann" },
    { atMs: 14_000, do: "resume", agent: "ann" },
    { atMs: 25_500, do: "end", agent: "ann" },
    { atMs: 27_000, do: "finish", agent: "ann" },
  ],
  audio: [
    { startMs: 1_500, durationMs: 11_000, format: "mp3", source: { kind: "beeps", everyMs: FLASH_EVERY_MS } },
    {
      startMs: 14_000,
      durationMs: 11_500,
      format: "wav",
      source: { kind: "beeps", everyMs: FLASH_EVERY_MS },
    },
  ],
};

const isWhole = (parts: number) => (interaction: Manifest) => interaction.audio?.parts.length === parts;

test.use({
  siteOptions: { adapter: { stitch: { audioSettleS: 0 } }, dynamics: { recordingsPollEveryS: 1 } },
});

test("in the stitched file the beep lies at the flash, and two people see it in Chromium and Firefox @smoke @replay", async ({
  site,
  monitor,
  desktop,
  placeCall,
  replay,
}) => {
  await desktop(ANN.upn, DEVICE);
  const call = await placeCall(BEEPS);
  await call.finished;
  const interaction = await call.interaction(isWhole(2));

  expect(interaction).toMatchObject({
    version: 1,
    coverage: "recorded",
    call: { direction: "inbound", customer: "+14255550100", queue: "Billing" },
    agents: [{ agent: ANN.upn, name: "Ann Agent" }],
    audio: { parts: [{ placement: "metadata" }, { placement: "metadata" }] },
    screens: [{ agent: ANN.upn, desktop: DEVICE, width: 1280, height: 720 }],
  });
  const [screen] = interaction.screens;
  if (screen === undefined) throw new Error("there is no screen");
  const folder = versionFolder(site.archiveDir, interaction);

  const toured = {
    ...{ url: site.adapterUrl, interactionId: interaction.interactionId, queue: "Billing" },
    offsetMs: screen.offsetMs,
  };
  await test.step("in Chromium it is found, played, sought in, noted, verified, and all of it is in the trail", async () => {
    const { page, faults } = await replay();
    await page.goto(`${site.adapterUrl}/?token=${site.tokens.replayAdmin}`);
    await tourReplay(chromiumTourist(page), toured);
    await tourTrust(page, "asks for a refund");
    expect(faults).toEqual([]);
  });

  await test.step("in Firefox somebody else does so, sees the note, and is led to its moment by a link", async () => {
    test.skip(!HAS_FIREFOX, "there is no Firefox here, and this is no Debian that gives it");
    await using firefox = await launchFirefox();
    await firefox.goto(`${site.adapterUrl}/?token=${site.tokens.viewer}`);
    await tourReplay(firefox, toured);
    await firefox.goto("about:blank");
    await firefox.goto(`${site.adapterUrl}/interactions/${interaction.interactionId}#t=10.3`);
    const at = () => firefox.evaluate(`document.querySelector("audio")?.currentTime ?? -1`);
    await expect.poll(at).toBe(10.3);
    await firefox.click(`document.querySelector("#tab-notes")`);
    const note = () => firefox.evaluate(`document.querySelector(".note-text")?.textContent ?? ""`);
    await expect.poll(note).toBe("asks for a refund");
  });

  await test.step("the beep lies between the last picture without and the first with the flash", async () => {
    const startedAt = Date.parse(interaction.startedAt) + screen.offsetMs;
    const flashes = await placeFlashes(join(folder, screen.file), startedAt, monitor.flashes);
    expect(flashes.length).toBeGreaterThanOrEqual(3);
    expect(flashes.filter((flash) => !isInSync(flash))).toEqual([]);
  });

  await test.step("the interaction's own sound has the beeps at the same instants", async () => {
    const whole = await readBeeps(join(folder, interaction.audio?.file ?? ""));
    const sliced = await readBeeps(join(folder, screen.file));
    for (const beepMs of sliced) {
      const nearest = Math.min(...whole.map((other) => Math.abs(other - screen.offsetMs - beepMs)));
      expect(nearest).toBeLessThanOrEqual(SYNC_TOLERANCE_MS);
    }
  });
});

test.describe("with production's waiting times divided by 100", () => {
  test.use({
    siteOptions: {
      adapter: { stitch: { readyAfterS: 1.2, audioSettleS: 0.6, audioTimeoutS: 864, keepSourcesH: 0.72 } },
      dynamics: { recordingsPollEveryS: 0.3 },
    },
  });

  test("a second audio part that comes late makes the next version", async ({ site, desktop, placeCall }) => {
    await desktop(ANN.upn, DEVICE);
    const call = await placeCall({
      ...BEEPS,
      steps: [
        { atMs: 0, do: "ring", agent: "ann" },
        { atMs: 1_000, do: "answer", agent: "ann" },
        { atMs: 8_000, do: "end", agent: "ann" },
        { atMs: 9_000, do: "finish", agent: "ann" },
      ],
      audio: [
        { startMs: 1_000, durationMs: 3_000, format: "mp3", source: { kind: "tones", atMs: [500] } },
        {
          startMs: 5_000,
          durationMs: 3_000,
          format: "mp3",
          availableAfterMs: 12_000,
          source: { kind: "tones", atMs: [500] },
        },
      ],
    });
    // The wrap-up is known only once the rows around it are: by then there may be a version without it.
    const hasWrapUp = ({ events }: Manifest) => events.some(({ type }) => type === "wrap-up");
    const first = await call.interaction(hasWrapUp);
    expect(first.audio?.parts).toHaveLength(1);
    const second = await call.interaction(isWhole(2));
    expect(second.version).toBe(first.version + 1);
    expect(await readBeeps(join(versionFolder(site.archiveDir, second), "audio.m4a"))).toHaveLength(2);
  });
});
