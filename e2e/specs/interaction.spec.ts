import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { CallScriptInput } from "../dynamics/script/call-script.ts";
import { expect, test } from "../fixtures/test.ts";
import { placeFlashes, SYNC_TOLERANCE_MS } from "../media/flash-sync.ts";
import { readBeeps } from "../media/read-beeps.ts";
import { readPlayerTimes } from "../rig/browser.ts";
import { versionFolder } from "../rig/replay.ts";
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

test("in the stitched file the beep lies at the flash, and the page plays and seeks it @smoke @replay", async ({
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

  await test.step("the beep lies between the last picture without and the first with the flash", async () => {
    const startedAt = Date.parse(interaction.startedAt) + screen.offsetMs;
    const flashes = await placeFlashes(join(folder, screen.file), startedAt, monitor.flashes);
    expect(flashes.length).toBeGreaterThanOrEqual(3);
    for (const { heardMs, darkMs, litMs } of flashes) {
      expect(heardMs).toBeGreaterThanOrEqual(darkMs - SYNC_TOLERANCE_MS);
      expect(heardMs).toBeLessThanOrEqual(litMs + SYNC_TOLERANCE_MS);
    }
  });

  await test.step("the interaction's own sound has the beeps at the same instants", async () => {
    const whole = await readBeeps(join(folder, interaction.audio?.file ?? ""));
    const sliced = await readBeeps(join(folder, screen.file));
    for (const beepMs of sliced) {
      const nearest = Math.min(...whole.map((other) => Math.abs(other - screen.offsetMs - beepMs)));
      expect(nearest).toBeLessThanOrEqual(SYNC_TOLERANCE_MS);
    }
  });

  await test.step("the page opens in Chromium, plays and seeks", async () => {
    const { page, faults } = await replay();
    await page
      .getByRole("link", { name: /Ann Agent/ })
      .first()
      .click();
    const video = page.locator("video").first();
    await expect(video).toBeVisible();
    const times = () => readPlayerTimes(page);
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(async () => (await times()).audio).toBeGreaterThan(1);
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await times()).audio).toBeGreaterThan(10);
    await sleep(1_500);
    const { audio, video: shown, ready } = await times();
    expect(ready).toBeGreaterThanOrEqual(2);
    expect(Math.abs(audio - screen.offsetMs / 1_000 - shown)).toBeLessThan(0.25);
    expect(faults).toEqual([]);
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
