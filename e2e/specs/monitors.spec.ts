import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Track } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { launchDesktop } from "../rig/desktop.ts";
import { scriptCall } from "../rig/events.ts";
import { showTestScreen } from "../rig/monitor.ts";
import { HAS_PLUGGABLE_DISPLAY, startPluggableDisplay } from "../rig/pluggable-display.ts";

const ANN = "ann@contoso.com";
const CLOCK_TOLERANCE_MS = 300;
/** A busy machine paints late, and two monitors later; single pictures even more so. */
const SCREEN_AGE_MS = 1_000;
/** So much later than it is told may a busy machine do anything. */
const SLACK_MS = 10_000;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 } } } });
test.skip(!HAS_PLUGGABLE_DISPLAY, "an X server with monitors to plug needs root on Debian");

test("a monitor that is plugged in, unplugged and plugged in again in a call is one track with a gap", async ({
  site,
}) => {
  await using x = await startPluggableDisplay();
  await using _first = await showTestScreen(x, 0);
  await using _desktop = await launchDesktop(site, { agent: ANN, device: "PC-0815", x });
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await call.recording(({ tracks }) => (tracks[0]?.segments.length ?? 0) > 0, 60_000);

  const sealed = (atLeast: number) =>
    call.recording(({ tracks }) => (tracks[1]?.segments.length ?? 0) >= atLeast, 60_000);
  await x.plugIn();
  await using _second = await showTestScreen(x, x.width);
  // Two that are sealed from now on: the second one shows the test screen all the time.
  const painted = (await sealed(0)).tracks[1]?.segments.length ?? 0;
  const before = (await sealed(painted + 2)).tracks[1]?.segments.length ?? 0;
  const offAt = Date.now();
  await x.unplug();
  await sleep(4_000);
  const onAt = Date.now();
  await x.plugIn();
  await sealed(before + 2);
  await call.say("agent-available");

  const recording = await call.recording(({ phase }) => phase === "sealed", 60_000);
  expect(recording.tracks).toHaveLength(2);
  const [stayed, plugged] = recording.tracks as [Track, Track];
  expect(stayed.coverage.filter(({ reason }) => reason === "monitor-off")).toEqual([]);
  const off = plugged.coverage.filter(({ reason }) => reason === "monitor-off");
  expect(off).toHaveLength(1);
  const [from, to] = [Date.parse(off[0]?.from ?? ""), Date.parse(off[0]?.to ?? "")];
  expect(from).toBeGreaterThan(offAt - CLOCK_TOLERANCE_MS);
  expect(from).toBeLessThan(onAt);
  expect(to).toBeGreaterThan(onAt);
  expect(to).toBeLessThan(onAt + SLACK_MS);
  expect(plugged.coverage.at(-1)?.state).toBe("captured");

  const shown: number[] = [];
  const lags: number[] = [];
  for (const { id, startedAt } of plugged.segments) {
    const file = join(site.bufferDir, recording.id, plugged.id, `${id}.scn`);
    expect(await decodeFaults(file)).toBe("");
    const startsAt = Date.parse(startedAt);
    const codes = (await readBarCodes(file)).filter(({ value }) => value !== null);
    lags.push(...codes.map(({ ptsMs, value }) => startsAt + ptsMs - (value ?? 0)));
    shown.push(...codes.flatMap(({ value }) => value ?? []));
  }
  const median = lags.toSorted((a, b) => a - b)[lags.length >> 1] ?? Number.NaN;
  expect(median).toBeGreaterThan(-CLOCK_TOLERANCE_MS);
  expect(median).toBeLessThan(SCREEN_AGE_MS);
  expect(shown.filter((at) => at < offAt).length).toBeGreaterThan(5);
  expect(shown.filter((at) => at > to).length).toBeGreaterThan(5);
  // The first picture after it may have been painted a while before.
  expect(shown.filter((at) => at > from && at < to - SCREEN_AGE_MS)).toEqual([]);
});
