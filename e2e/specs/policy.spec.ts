import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Recording, Track } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults, probeMedia } from "../media/probe.ts";
import { launchDesktop } from "../rig/desktop.ts";
import { type ScriptedCall, scriptCall } from "../rig/events.ts";
import { showTestScreen } from "../rig/monitor.ts";
import { HAS_PLUGGABLE_DISPLAY, startPluggableDisplay } from "../rig/pluggable-display.ts";
import { setCapture } from "../rig/set-capture.ts";
import type { Site } from "../rig/site.ts";

const ANN = "ann@contoso.com";
const SLACK_MS = 60_000;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 3 }, capture: { codecs: ["vp9"] } } } });

test("frame rate and codec are changed in a call, and the pictures follow without a gap", async ({
  site,
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  const atFive = await pictureRate(call, 0);
  await setCapture(site, { framesPerSecond: 2 });
  await sleep(1_000);
  const atTwo = await pictureRate(call, Date.now());
  await setCapture(site, { framesPerSecond: 5 });
  await sleep(1_000);
  const again = await pictureRate(call, Date.now());
  // A busy machine may give fewer pictures than it may, never more.
  expect(atTwo).toBeLessThan(2.3);
  expect(atFive / atTwo).toBeGreaterThan(1.5);
  expect(again / atTwo).toBeGreaterThan(1.5);

  await setCapture(site, { codecs: ["vp8"] });
  await call.recording(({ tracks }) => (tracks[1]?.segments.length ?? 0) > 1, SLACK_MS);
  await call.say("agent-available");
  const recording = await call.recording(({ phase }) => phase === "sealed", SLACK_MS);
  expect(recording.tracks.map(({ codec, ...track }) => [codec, ...statesOf(track)])).toEqual([
    ["vp9", "late-start", "captured", "monitor-off"],
    ["vp8", "late-start", "captured"],
  ]);
  expect(recording.coverage).toBe("recorded");
  const [before, after] = recording.tracks as [Track, Track];
  // Both were sent until the new one had pictures.
  const endedAt = Date.parse(before.coverage.at(-1)?.from ?? "");
  expect(Date.parse(after.coverage.at(-1)?.from ?? "")).toBeLessThan(endedAt);
  for (const track of recording.tracks) {
    const file = fileOf(site, recording, track, track.segments.at(-1)?.id ?? "");
    expect(await decodeFaults(file)).toBe("");
    expect((await probeMedia(file)).video?.codec).toBe(track.codec);
  }
});

test("only the primary monitor is wanted from some time in a call on, and all again", async ({ site }) => {
  test.skip(!HAS_PLUGGABLE_DISPLAY, "an X server with two monitors needs root on Debian");
  await using x = await startPluggableDisplay();
  await x.plugIn();
  await using _screen = await showTestScreen(x, 0);
  await using _desktop = await launchDesktop(site, { agent: ANN, device: "PC-0815", x });
  const call = scriptCall(site, ANN);
  const second = (recording: Recording) => recording.tracks[1]?.coverage.at(-1);
  await call.say("connected");
  await call.recording((recording) => second(recording)?.state === "captured", SLACK_MS);
  await setCapture(site, { monitors: "primary" });
  await call.recording((recording) => second(recording)?.reason === "monitor-off", SLACK_MS);
  await setCapture(site, { monitors: "all" });
  await call.recording((recording) => second(recording)?.state === "captured", SLACK_MS);
  await call.say("agent-available");
  const recording = await call.recording(({ phase }) => phase === "sealed", SLACK_MS);
  expect(recording.tracks.map(statesOf)).toEqual([
    ["late-start", "captured"],
    ["late-start", "captured", "monitor-off", "captured"],
  ]);
});

/** Pictures per second in the first whole segment that begins after that time. */
async function pictureRate(call: ScriptedCall, after: number): Promise<number> {
  const isWhole = ({ startedAt, durationMs }: Track["segments"][number]) =>
    Date.parse(startedAt) > after && durationMs > 2_000;
  const { tracks } = await call.recording(
    ({ tracks: [only] }) => only?.segments.some(isWhole) ?? false,
    SLACK_MS,
  );
  const segment = tracks[0]?.segments.find(isWhole);
  return (segment?.frames ?? 0) / ((segment?.durationMs ?? 0) / 1_000);
}

function fileOf(site: Site, recording: Recording, track: Track, id: string): string {
  return join(site.bufferDir, recording.id, track.id, `${id}.scn`);
}

/** A track's coverage in words. */
function statesOf({ coverage }: Pick<Track, "coverage">): string[] {
  return coverage.map(({ state, reason }) => reason ?? state);
}
