import { join } from "node:path";
import type { Recording, Track } from "#shared/api/recording.ts";
import type { Display } from "#shared/protocol/messages.ts";
import { expect, test } from "../fixtures/test.ts";
import { probeMedia } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { launchDesktop } from "../rig/desktop.ts";
import { getJson, type ScriptedCall, scriptCall } from "../rig/events.ts";
import { showTestScreen } from "../rig/monitor.ts";
import { HAS_PLUGGABLE_DISPLAY, type MODES, startPluggableDisplay } from "../rig/pluggable-display.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const DEVICE = "PC-0815";
const SLACK_MS = 60_000;
/** Of the pictures of a segment that begins after a change; single ones are smeared. */
const READABLE_SHARE = 0.5;
const SCREENS = [1, 2];

test.use({ siteOptions: { recorder: { buffer: { segmentS: 3 } } } });
test.skip(!HAS_PLUGGABLE_DISPLAY, "an X server with monitors to change needs root on Debian");

test("a monitor's size changes in a call: the picture follows, in the same track and without a gap", async ({
  site,
}) => {
  await using x = await startPluggableDisplay();
  await using _screen = await showTestScreen(x, 0, 1);
  await using _desktop = await launchDesktop(site, { agent: ANN, device: DEVICE, x });
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await showsScreen(site, call, { track: 0, screen: 1, size: "1280x720", after: 0 });
  // Larger than any that there was at first, and back.
  for (const size of ["2560x1440", "1080x1280", "1280x720"] satisfies (typeof MODES)[number][]) {
    const changedAt = Date.now();
    await x.arrange("--output", "DUMMY0", "--mode", size);
    await displaysTold(site, ([only]) => `${only?.width}x${only?.height}` === size);
    await showsScreen(site, call, { track: 0, screen: 1, size, after: changedAt });
  }
  await call.say("agent-available");
  const recording = await call.recording(({ phase }) => phase === "sealed", SLACK_MS);
  expect(recording.tracks.map(statesOf)).toEqual([["late-start", "captured"]]);
});

test("monitors that change places, and are unplugged down to one and back, are each their own track", async ({
  site,
}) => {
  await using x = await startPluggableDisplay();
  await x.plugIn();
  await using _one = await showTestScreen(x, 0, 1);
  await using _two = await showTestScreen(x, x.width, 2);
  await using _desktop = await launchDesktop(site, { agent: ANN, device: DEVICE, x });
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await showsScreen(site, call, { track: 0, screen: 1, after: 0 });
  await showsScreen(site, call, { track: 1, screen: 2, after: 0 });
  const ids = (await call.recording()).tracks.map(({ display }) => display);

  // The windows stay, so each monitor shows the other's.
  const placedAt = Date.now();
  const [left, right] = [
    ["--mode", "1280x720", "--pos", "0x0"],
    ["--mode", "1280x720", "--pos", "1280x0"],
  ] as const;
  await x.arrange("--output", "DUMMY1", ...left, "--output", "DUMMY0", ...right);
  await showsScreen(site, call, { track: 0, screen: 2, after: placedAt });
  await showsScreen(site, call, { track: 1, screen: 1, after: placedAt });

  await x.arrange("--output", "DUMMY1", "--primary");
  const primaries = async (expected: string | undefined) =>
    displaysTold(site, (displays) => displays.find(({ primary }) => primary)?.id === expected);
  await primaries(ids[1]);
  await x.arrange("--output", "DUMMY0", "--primary");
  await primaries(ids[0]);

  const offAt = Date.now();
  await x.arrange("--output", "DUMMY0", "--off");
  await displaysTold(site, (displays) => displays.length === 1);
  await primaries(ids[1]);
  await showsScreen(site, call, { track: 1, screen: 1, after: offAt });
  const onAt = Date.now();
  await x.arrange("--output", "DUMMY0", ...right);
  await displaysTold(site, (displays) => displays.length === 2);
  await showsScreen(site, call, { track: 0, screen: 2, after: onAt });
  await call.say("agent-available");

  const recording = await call.recording(({ phase }) => phase === "sealed", SLACK_MS);
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
async function showsScreen(
  site: Site,
  call: ScriptedCall,
  expected: { track: number; screen: number; size?: string; after: number },
): Promise<void> {
  const looked = new Set<string>();
  const shown = await waitFor(
    `track ${expected.track} to go on ${expected.size ?? ""}`,
    async () => {
      const recording = await call.recording();
      const track = recording.tracks[expected.track];
      for (const { id, startedAt, frames } of track?.segments ?? []) {
        if (track === undefined || looked.has(id) || Date.parse(startedAt) < expected.after) continue;
        looked.add(id);
        const file = fileOf(site, recording, track, id);
        const { video } = await probeMedia(file);
        const isOfSize = expected.size === undefined || `${video?.width}x${video?.height}` === expected.size;
        if (isOfSize && frames > 1) return { file, frames };
      }
      return null;
    },
    { withinMs: SLACK_MS, everyMs: 300 },
  );
  for (const screen of SCREENS) {
    const read = (await readBarCodes(shown.file, screen)).filter(({ value }) => value !== null).length;
    if (screen === expected.screen) expect(read / shown.frames).toBeGreaterThan(READABLE_SHARE);
    else expect(read).toBe(0);
  }
}

/** Waits until the recorder knows the desktop's displays so. */
async function displaysTold(site: Site, until: (displays: Display[]) => boolean): Promise<void> {
  await waitFor(
    "the displays to be told",
    async () => {
      const { items } = await getJson<{ items: { desktops: { displays: Display[] }[] }[] }>(
        `${site.recorderUrl}/v1/agents`,
        site.tokens.admin,
      );
      return until(items[0]?.desktops[0]?.displays ?? []);
    },
    { withinMs: SLACK_MS },
  );
}

function fileOf(site: Site, recording: Recording, track: Track, id: string): string {
  return join(site.bufferDir, recording.id, track.id, `${id}.scn`);
}

/** A track's coverage in words. */
function statesOf({ coverage }: Track): string[] {
  return coverage.map(({ state, reason }) => reason ?? state);
}
