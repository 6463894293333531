import { setTimeout as sleep } from "node:timers/promises";
import type { Recording, Track } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults, probeMedia } from "../media/probe.ts";
import type { RecordedCall } from "../rig/events.ts";
import { statesOf } from "../rig/recorder.ts";

const SLACK_MS = 60_000;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 3 }, capture: { codecs: ["vp9"] } } } });

test("frame rate and codec are changed in a call, and the pictures follow without a gap", async ({
  recorder,
  desktop,
  call,
}) => {
  await desktop();
  await call.ring();
  await call.connect();
  const atFive = await pictureRate(call, 0);
  await recorder.setCapture({ framesPerSecond: 2 });
  await sleep(1_000);
  const atTwo = await pictureRate(call, Date.now());
  await recorder.setCapture({ framesPerSecond: 5 });
  await sleep(1_000);
  const again = await pictureRate(call, Date.now());
  // A busy machine may give fewer pictures than it may, never more.
  expect(atTwo).toBeLessThan(2.3);
  expect(atFive / atTwo).toBeGreaterThan(1.5);
  expect(again / atTwo).toBeGreaterThan(1.5);

  await recorder.setCapture({ codecs: ["vp8"] });
  await call.recording(({ tracks }) => (tracks[1]?.segments.length ?? 0) > 1, SLACK_MS);
  await call.end();
  const recording = await call.sealed();
  expect(recording.tracks.map(({ codec, ...track }) => [codec, ...statesOf(track)])).toEqual([
    ["vp9", "late-start", "captured", "monitor-off"],
    ["vp8", "late-start", "captured"],
  ]);
  expect(recording.coverage).toBe("recorded");
  const [before, after] = recording.tracks as [Track, Track];
  // Both were sent until the new one had pictures.
  const endedAt = Date.parse(before.coverage.at(-1)?.from ?? "");
  expect(Date.parse(after.coverage.at(-1)?.from ?? "")).toBeLessThan(endedAt);
  for (const { track, file } of recorder.files(recording)) {
    expect(await decodeFaults(file)).toBe("");
    expect((await probeMedia(file)).video?.codec).toBe(track.codec);
  }
});

test("only the primary monitor is wanted from some time in a call on, and all again @display", async ({
  recorder,
  pluggableDisplay,
  desktop,
  call,
}) => {
  await pluggableDisplay.plugIn();
  await desktop();
  const second = (recording: Recording) => recording.tracks[1]?.coverage.at(-1);
  await call.connect();
  await call.recording((recording) => second(recording)?.state === "captured", SLACK_MS);
  await recorder.setCapture({ monitors: "primary" });
  await call.recording((recording) => second(recording)?.reason === "monitor-off", SLACK_MS);
  await recorder.setCapture({ monitors: "all" });
  await call.recording((recording) => second(recording)?.state === "captured", SLACK_MS);
  await call.end();
  const recording = await call.sealed();
  expect(recording.tracks.map(statesOf)).toEqual([
    ["late-start", "captured"],
    ["late-start", "captured", "monitor-off", "captured"],
  ]);
});

/** Pictures per second in the first whole segment that begins after that time. */
async function pictureRate(call: RecordedCall, after: number): Promise<number> {
  const isWhole = ({ startedAt, durationMs }: Track["segments"][number]) =>
    Date.parse(startedAt) > after && durationMs > 2_000;
  const { tracks } = await call.recording(
    ({ tracks: [only] }) => only?.segments.some(isWhole) ?? false,
    SLACK_MS,
  );
  const segment = tracks[0]?.segments.find(isWhole);
  return (segment?.frames ?? 0) / ((segment?.durationMs ?? 0) / 1_000);
}
