import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CODECS } from "#shared/api/recording.ts";
import type { SimulatedCall } from "../fixtures/call.ts";
import type { CallScriptInput } from "../dynamics/script/call-script.ts";
import { expect, test } from "../fixtures/test.ts";
import { isInSync, placeFlashes } from "../media/flash-sync.ts";
import { decodeFaults, probeMedia } from "../media/probe.ts";
import { readPlayerTimes } from "../rig/browser.ts";
import { versionFolder } from "../rig/replay.ts";
import { FLASH_EVERY_MS } from "../screen/layout.ts";

const ANN = { entraId: "97c90b02-4e38-4f11-a315-000d3a5a54dc", upn: "ann@contoso.com", name: "Ann Agent" };

/** A beep at every instant at which the lamp is lit. */
const BEEPS: CallScriptInput = {
  customer: "+14255550100",
  queue: "Billing",
  agents: { ann: ANN },
  steps: [
    { atMs: 0, do: "ring", agent: "ann" },
    { atMs: 1_000, do: "answer", agent: "ann" },
    { atMs: 17_000, do: "end", agent: "ann" },
    { atMs: 18_500, do: "finish", agent: "ann" },
  ],
  audio: [
    { startMs: 1_000, durationMs: 16_000, format: "mp3", source: { kind: "beeps", everyMs: FLASH_EVERY_MS } },
  ],
};

test.use({
  siteOptions: {
    // Short segments, so that several are joined.
    recorder: { buffer: { segmentS: 5 } },
    adapter: { stitch: { audioSettleS: 0 } },
    dynamics: { recordingsPollEveryS: 1 },
  },
});

test("a screen sent in each codec is archived in it, in sync with the sound, and plays and seeks @replay", async ({
  site,
  recorder,
  monitor,
  desktop,
  placeCall,
  replay,
}) => {
  // Four calls, one after the other.
  test.slow();
  await desktop(ANN.upn, "PC-0815");
  const { page, faults } = await replay();

  const judge = async (codec: string, call: SimulatedCall) => {
    const interaction = await call.interaction(
      ({ audio, events }) => audio !== null && events.some(({ type }) => type === "agent-available"),
    );
    expect(interaction).toMatchObject({ screens: [{ agent: ANN.upn, width: 1280, height: 720 }] });
    const [screen] = interaction.screens;
    if (screen === undefined) throw new Error("there is no screen");
    // How late a busy machine begins is no codec's doing.
    expect(screen.coverage.map(({ state, reason }) => reason ?? state)).toEqual(["late-start", "captured"]);
    const file = join(versionFolder(site.archiveDir, interaction), screen.file);
    expect((await probeMedia(file)).video).toEqual({ codec, width: 1280, height: 720 });
    expect(await decodeFaults(file)).toBe("");
    const startedAt = Date.parse(interaction.startedAt) + screen.offsetMs;
    const flashes = await placeFlashes(file, startedAt, monitor.flashes);
    expect(flashes.length).toBeGreaterThanOrEqual(3);
    expect(flashes.filter((flash) => !isInSync(flash))).toEqual([]);

    await page.goto(`${site.adapterUrl}/interactions/${interaction.interactionId}`);
    await expect(page.locator("video").first()).toBeVisible();
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(async () => (await readPlayerTimes(page)).audio).toBeGreaterThan(0.5);
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await readPlayerTimes(page)).audio).toBeGreaterThan(10);
    await sleep(1_500);
    // A busy machine is slow to seek.
    const apart = async () => {
      const { audio, video, ready } = await readPlayerTimes(page);
      return ready < 2 ? Number.POSITIVE_INFINITY : Math.abs(audio - screen.offsetMs / 1_000 - video);
    };
    await expect.poll(apart).toBeLessThan(0.25);
    expect(faults).toEqual([]);
  };

  // While a call goes on, the one before is judged.
  let before: (() => Promise<void>) | null = null;
  for (const codec of CODECS) {
    await recorder.setCapture({ codecs: [codec] });
    const call = await placeCall(BEEPS);
    await before?.();
    await call.finished;
    // Or the next codec would be this call's, too.
    await call.sealed();
    before = () => test.step(codec, () => judge(codec, call));
  }
  await before?.();
});
