import type { Display } from "#shared/protocol/messages.ts";
import { expect, test } from "../fixtures/test.ts";
import type { RecordedCall } from "../rig/events.ts";
import type { MonitorMode } from "../rig/pluggable-display.ts";
import { type Recorder, statesOf } from "../rig/recorder.ts";
import { readShownScreens, type SCREENS, type ScreenWanted } from "../rig/shown-screen.ts";
import { waitFor } from "../rig/wait.ts";

const SLACK_MS = 60_000;
/** Of the pictures of a segment that begins after a change; single ones are smeared. */
const READABLE_SHARE = 0.5;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 3 } } } });

test("a monitor's size changes in a call: the picture follows, in the same track and without a gap @display", async ({
  recorder,
  pluggableDisplay,
  desktop,
  call,
}) => {
  await desktop();
  await call.ring();
  await call.connect();
  await showsOnly(recorder, call, "first", { track: 0, size: "1280x720", after: 0 });
  // Larger than any that there was at first, and back.
  for (const size of ["2560x1440", "1080x1280", "1280x720"] satisfies MonitorMode[]) {
    const changedAt = Date.now();
    await pluggableDisplay.resize("first", size);
    await displaysTold(recorder, ([only]) => `${only?.width}x${only?.height}` === size);
    await showsOnly(recorder, call, "first", { track: 0, size, after: changedAt });
  }
  await call.end();
  const recording = await call.sealed();
  expect(recording.tracks.map(statesOf)).toEqual([["late-start", "captured"]]);
});

test("monitors that change places, and are unplugged down to one and back, are each their own track @display", async ({
  recorder,
  pluggableDisplay,
  desktop,
  call,
}) => {
  await pluggableDisplay.plugIn();
  await desktop();
  await call.ring();
  await call.connect();
  await showsOnly(recorder, call, "first", { track: 0, after: 0 });
  await showsOnly(recorder, call, "second", { track: 1, after: 0 });
  const ids = (await call.recording()).tracks.map(({ display }) => display);

  // The windows stay, so each monitor shows the other's.
  const placedAt = Date.now();
  await pluggableDisplay.swap();
  await showsOnly(recorder, call, "second", { track: 0, after: placedAt });
  await showsOnly(recorder, call, "first", { track: 1, after: placedAt });

  const primaryIs = async (expected: string | undefined) =>
    displaysTold(recorder, (displays) => displays.find(({ primary }) => primary)?.id === expected);
  await pluggableDisplay.setPrimary("second");
  await primaryIs(ids[1]);
  await pluggableDisplay.setPrimary("first");
  await primaryIs(ids[0]);

  const offAt = Date.now();
  await pluggableDisplay.unplug("first");
  await displaysTold(recorder, (displays) => displays.length === 1);
  await primaryIs(ids[1]);
  await showsOnly(recorder, call, "first", { track: 1, after: offAt });
  const onAt = Date.now();
  await pluggableDisplay.plugIn("first");
  await displaysTold(recorder, (displays) => displays.length === 2);
  await showsOnly(recorder, call, "second", { track: 0, after: onAt });
  await call.end();

  const recording = await call.sealed();
  expect(recording.tracks.map(statesOf)).toEqual([
    ["late-start", "captured", "monitor-off", "captured"],
    ["late-start", "captured"],
  ]);
  const off = recording.tracks[0]?.coverage.find(({ reason }) => reason === "monitor-off");
  expect(Date.parse(off?.from ?? "")).toBeGreaterThan(offAt);
  expect(Date.parse(off?.from ?? "")).toBeLessThan(onAt);
  expect(Date.parse(off?.to ?? "")).toBeGreaterThan(onAt);
});

/** Waits for a segment of a track that begins after that time and has that size: it shows that screen and no other. */
async function showsOnly(
  recorder: Recorder,
  call: RecordedCall,
  screen: keyof typeof SCREENS,
  wanted: ScreenWanted,
): Promise<void> {
  const shown = await readShownScreens(recorder, call, wanted);
  const other = screen === "first" ? "second" : "first";
  expect(shown[screen]).toBeGreaterThan(READABLE_SHARE);
  expect(shown[other]).toBe(0);
}

/** Waits until the recorder knows the desktop's displays so. */
async function displaysTold(recorder: Recorder, until: (displays: Display[]) => boolean): Promise<void> {
  await waitFor(
    "the displays to be told",
    async () => until((await recorder.agents())[0]?.desktops[0]?.displays ?? []),
    { withinMs: SLACK_MS },
  );
}
