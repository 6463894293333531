import { setTimeout as sleep } from "node:timers/promises";
import type { Track } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { readShownScreens, SCREENS } from "../rig/shown-screen.ts";

const CLOCK_TOLERANCE_MS = 300;
/** A busy machine paints late, and two monitors later; single pictures even more so. */
const SCREEN_AGE_MS = 1_000;
/** So much later than it is told may a busy machine do anything. */
const SLACK_MS = 10_000;

// What is installed has to follow the monitors as well as what is built.
test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 } } }, packaged: true });

test("a monitor that is plugged in, unplugged and plugged in again in a call is one track with a gap @packaged @display", async ({
  recorder,
  pluggableDisplay,
  desktop,
  call,
}) => {
  await desktop();
  await call.ring();
  await call.connect();
  await call.captured();

  const sealed = (atLeast: number) =>
    call.recording(({ tracks }) => (tracks[1]?.segments.length ?? 0) >= atLeast, 60_000);
  await pluggableDisplay.plugIn();
  // Two that are sealed from now on: the second one shows the test screen all the time.
  const painted = (await sealed(0)).tracks[1]?.segments.length ?? 0;
  const before = (await sealed(painted + 2)).tracks[1]?.segments.length ?? 0;
  const offAt = Date.now();
  await pluggableDisplay.unplug();
  await sleep(4_000);
  const onAt = Date.now();
  await pluggableDisplay.plugIn();
  await sealed(before + 2);
  await call.end();

  const recording = await call.sealed();
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
  expect(await readShownScreens(recorder, call, { track: 0, after: 0 })).toMatchObject({ second: 0 });

  const shown: number[] = [];
  const lags: number[] = [];
  for (const { file, track, segment } of recorder.files(recording)) {
    expect(await decodeFaults(file)).toBe("");
    if (track !== plugged) continue;
    const startsAt = Date.parse(segment.startedAt);
    const codes = (await readBarCodes(file, SCREENS.second)).filter(({ value }) => value !== null);
    lags.push(...codes.map(({ ptsMs, value }) => startsAt + ptsMs - (value ?? 0)));
    shown.push(...codes.flatMap(({ value }) => value ?? []));
  }
  const median = lags.toSorted((a, b) => a - b)[lags.length >> 1] ?? Number.NaN;
  expect(median).toBeGreaterThan(-CLOCK_TOLERANCE_MS);
  expect(median).toBeLessThan(SCREEN_AGE_MS);
  // Of both sides, or nothing were proven; a busy machine paints few of them.
  expect([shown.some((at) => at < offAt), shown.some((at) => at > to)]).toEqual([true, true]);
  // The first picture after it may have been painted a while before.
  expect(shown.filter((at) => at > from && at < to - SCREEN_AGE_MS)).toEqual([]);
});
