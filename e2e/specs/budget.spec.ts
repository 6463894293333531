import { setTimeout as sleep } from "node:timers/promises";
import type { Recording } from "#shared/api/recording.ts";
import type { DesktopFigures } from "#shared/protocol/messages.ts";
import { expect, test } from "../fixtures/test.ts";
import { type Desktop, launchDesktop } from "../rig/desktop.ts";
import { getJson, scriptCall } from "../rig/events.ts";
import { showTestScreen } from "../rig/monitor.ts";
import { setCapture } from "../rig/set-capture.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";
import { startXDisplay } from "../rig/x-display.ts";

const ANN = "ann@contoso.com";
const NO_BUDGETS = { cpuPercent: null, uplinkKbps: null };
/** Until the first key picture is out of the figures, which are of ten seconds and told every ten. */
const STEADY_MS = 25_000;
/** While it encodes, Chromium pads its stream to 100 kbit/s: a smaller budget can never be kept. */
const LEAST_BUDGET_KBPS = 160;
const LOWERED_WITHIN_MS = 90_000;
/** A step up every twenty seconds. */
const CALM_WITHIN_MS = 200_000;
const SEGMENT_S = 6;
/** Of segments; one that a change cut short says little. */
const LONG_ENOUGH_MS = 3_000;

const isSoaked = process.env["DESKREEL_ALL_RUNS"] !== undefined;

test.use({
  siteOptions: {
    recorder: {
      buffer: { segmentS: SEGMENT_S },
      // As many as the screen has: what it sends is to be far above WebRTC's padding.
      capture: { framesPerSecond: 20, codecs: ["vp9"], budgets: NO_BUDGETS },
    },
  },
});

test("an uplink budget below what a busy screen needs costs pictures, until the screen is calm", async ({
  site,
}) => {
  await using x = await startXDisplay();
  await using screen = new AsyncDisposableStack();
  screen.use(await showTestScreen(x, 0, { repaintMs: 50 }));
  await using desktop = await launchDesktop(site, { agent: ANN, device: "PC-0815", x });
  const call = scriptCall(site, ANN);
  await call.say("connected");
  await sleep(STEADY_MS);
  const free = await figuresOnce(site, ({ uplinkKbps }) => uplinkKbps > 0);
  expect(free).toMatchObject({ budget: "normal" });

  const uplinkKbps = Math.max(free.uplinkKbps * 0.6, LEAST_BUDGET_KBPS);
  await setCapture(site, { budgets: { ...NO_BUDGETS, uplinkKbps } });
  const lowered = await figuresOnce(site, ({ budget }) => budget !== "normal", LOWERED_WITHIN_MS);
  const loweredAt = Date.now();
  expect(lowered.framesPerSecond).toBeLessThan(free.framesPerSecond * 0.85);
  const recording = await call.recording((seen) => ratesAfter(seen, loweredAt).length > 0, LOWERED_WITHIN_MS);
  const [before] = ratesAfter(recording, 0);
  const [after] = ratesAfter(recording, loweredAt);
  expect(after).toBeLessThan((before ?? 0) * 0.85);

  await screen.disposeAsync();
  const downTo = stepsOf(desktop).length - 1;
  await waitFor(
    "a step up",
    () => stepsOf(desktop).some((step, index, all) => index > downTo && step < (all[index - 1] ?? step)),
    { withinMs: CALM_WITHIN_MS },
  );
  // Further ones are as this one; it takes them 20 s each.
  if (isSoaked) await figuresOnce(site, ({ budget }) => budget === "normal", CALM_WITHIN_MS);
  await call.say("agent-available");
  expect((await call.recording(({ phase }) => phase === "sealed")).coverage).toBe("recorded");
});

test("a processor budget that cannot be kept is told, at the fewest pictures that are of use", async ({
  site,
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("connected");
  await setCapture(site, { budgets: { ...NO_BUDGETS, cpuPercent: 0.1 } });
  const figures = await figuresOnce(site, ({ budget }) => budget === "exceeded", LOWERED_WITHIN_MS);
  const exceededAt = Date.now();
  expect(figures.cpuPercent).toBeGreaterThan(0.1);
  const recording = await call.recording(
    (seen) => ratesAfter(seen, exceededAt).length > 0,
    LOWERED_WITHIN_MS,
  );
  const [rate] = ratesAfter(recording, exceededAt);
  expect(rate).toBeGreaterThan(0.5);
  expect(rate).toBeLessThan(1.3);
  expect(site.recorder.tail()).toContain("desktop cannot keep its budget");
  const metrics = await (await fetch(`${site.recorderOpsUrl}/metrics`)).text();
  expect(metrics).toContain('deskreel_desktops_by_budget{budget="exceeded"} 1');
});

/** The budget's steps that a desktop has taken, by its log. */
function stepsOf(desktop: Desktop): number[] {
  return [...desktop.output().matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step));
}

/** What the desktop says that it takes, once that is so. */
function figuresOnce(
  site: Site,
  isSo: (figures: DesktopFigures) => boolean,
  withinMs = 30_000,
): Promise<DesktopFigures> {
  let last: DesktopFigures | null = null;
  return waitFor(
    `other figures than ${JSON.stringify(last)}`,
    async () => {
      const { items } = await getJson<{ items: { desktops: { figures: DesktopFigures | null }[] }[] }>(
        `${site.recorderUrl}/v1/agents`,
        site.tokens.admin,
      );
      last = items[0]?.desktops[0]?.figures ?? null;
      return last !== null && isSo(last) ? last : null;
    },
    { withinMs, everyMs: 500 },
  );
}

/** Pictures per second of each whole segment that begins after that time. */
function ratesAfter({ tracks }: Recording, after: number): number[] {
  return (tracks[0]?.segments ?? [])
    .filter(({ startedAt, durationMs }) => Date.parse(startedAt) > after && durationMs > LONG_ENOUGH_MS)
    .map(({ frames, durationMs }) => frames / (durationMs / 1_000));
}
