import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Recording } from "#shared/api/recording.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { scriptCall } from "../rig/events.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
/** How far a picture's own clock may be from the time that its segment gives it. */
const CLOCK_TOLERANCE_MS = 300;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 }, lifecycle: { discardGraceS: 1 } } } });

test("a call's screen is recorded from ring to available, and every picture lies at its own time", async ({
  site,
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("ringing", { customer: "+14255550100", queue: "Billing" });
  await sleep(2_000);
  await call.say("connected");
  await sleep(5_000);
  await call.say("on-hold");
  await sleep(3_000);
  await call.say("hold-done");
  await sleep(3_000);
  await call.say("wrap-up");
  await sleep(2_000);
  await call.say("agent-available");

  const recording = await call.recording(({ phase }) => phase === "sealed");
  expect(recording.events.map(({ type }) => type)).toEqual([
    "ringing",
    "connected",
    "on-hold",
    "hold-done",
    "wrap-up",
    "agent-available",
  ]);
  expect(recording).toMatchObject({ agent: ANN, leg: 1, coverage: "recorded" });
  expect(
    recording.tracks.map(({ desktop: device, codec, width, height }) => [device, codec, width, height]),
  ).toEqual([["PC-0815", "vp9", 1280, 720]]);

  const files = segmentFiles(site.bufferDir, recording);
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const { file, segment } of files) {
    expect(await decodeFaults(file)).toBe("");
    const codes = await readBarCodes(file);
    expect(codes).toHaveLength(segment.frames);
    const startedAt = Date.parse(segment.startedAt);
    // Three instants of each segment: its first picture, the middle, the last.
    for (const index of [0, Math.floor(codes.length / 2), codes.length - 1]) {
      const picture = codes[index];
      const shown = picture?.value ?? Number.NaN;
      expect(Math.abs(startedAt + (picture?.ptsMs ?? 0) - shown)).toBeLessThanOrEqual(CLOCK_TOLERANCE_MS);
    }
  }
});

test("a desktop that has given WebRTC up after a call records the next one", async ({
  site,
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  // The second call finds the transport of the first, the third one has to make it anew.
  for (const pauseMs of [0, 0, 12_000]) {
    await sleep(pauseMs);
    const call = scriptCall(site, ANN);
    await call.say("ringing");
    await call.say("connected");
    await call.recording(({ tracks }) => tracks[0]?.coverage.at(-1)?.state === "captured");
    await sleep(2_000);
    await call.say("agent-available");
    const recording = await call.recording(({ phase }) => phase === "sealed");
    const states = recording.tracks.map(({ coverage }) =>
      coverage.map(({ state, reason }) => reason ?? state),
    );
    expect(states).toEqual([["late-start", "captured"]]);
    for (const { file } of segmentFiles(site.bufferDir, recording)) expect(await decodeFaults(file)).toBe("");
  }
});

test("a call that nobody answers leaves no file behind", async ({ site, monitor, desktop }) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  const ringing = await call.recording(({ tracks }) => tracks.length > 0);
  const folder = join(site.bufferDir, ringing.id);
  await waitFor(
    "a segment file of the ringing call",
    () => filesUnder(folder).then((files) => files.length > 0),
    {
      withinMs: 10_000,
    },
  );
  await call.say("not-responding");

  await call.recording(({ phase }) => phase === "discarded");
  await waitFor("the erasure of the files", () => !existsSync(folder), { withinMs: 20_000 });
  const discarded = await call.recording();
  expect(discarded.tracks.flatMap(({ segments }) => segments)).toEqual([]);
});

function segmentFiles(bufferDir: string, recording: Recording) {
  return recording.tracks.flatMap((track) =>
    track.segments.map((segment) => ({
      segment,
      file: join(bufferDir, recording.id, track.id, `${segment.id}.scn`),
    })),
  );
}

async function filesUnder(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
