import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { statesOf } from "../rig/recorder.ts";
import { waitFor } from "../rig/wait.ts";
import { REPAINT_EVERY_MS } from "../screen/layout.ts";

const ANN = "ann@contoso.com";
/** How far a picture's own clock may be from the time that its segment gives it: a busy machine paints late. */
const CLOCK_TOLERANCE_MS = REPAINT_EVERY_MS + 250;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 }, lifecycle: { discardGraceS: 1 } } } });

test("a call's screen is recorded from ring to available, and every picture lies at its own time @smoke", async ({
  recorder,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  await call.ring({ customer: "+14255550100", queue: "Billing" });
  await sleep(2_000);
  await call.connect();
  await sleep(5_000);
  await call.hold();
  await sleep(3_000);
  await call.unhold();
  await sleep(3_000);
  await call.wrapUp();
  await sleep(2_000);
  await call.end();

  const recording = await call.sealed();
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

  const files = recorder.files(recording);
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
  recorder,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  // The second call finds the transport of the first, the third one has to make it anew.
  for (const pauseMs of [0, 0, 12_000]) {
    await sleep(pauseMs);
    await call.ring();
    await call.connect();
    await call.captured();
    await sleep(2_000);
    await call.end();
    const recording = await call.sealed();
    expect(recording.tracks.map(statesOf)).toEqual([["late-start", "captured"]]);
    for (const { file } of recorder.files(recording)) expect(await decodeFaults(file)).toBe("");
  }
});

test("a call that nobody answers leaves no file behind", async ({ site, desktop, call }) => {
  await desktop(ANN, "PC-0815");
  await call.ring();
  const ringing = await call.captured();
  const folder = join(site.bufferDir, ringing.id);
  await waitFor(
    "a segment file of the ringing call",
    () => filesUnder(folder).then((files) => files.length > 0),
    {
      withinMs: 10_000,
    },
  );
  await call.miss();

  await call.recording(({ phase }) => phase === "discarded");
  await waitFor("the erasure of the files", () => !existsSync(folder), { withinMs: 20_000 });
  const discarded = await call.recording();
  expect(discarded.tracks.flatMap(({ segments }) => segments)).toEqual([]);
});

async function filesUnder(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
