import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { readBarCodes } from "../media/read-screen.ts";
import type { Desktop } from "../rig/desktop.ts";

const ANN = "ann@contoso.com";
/** Between what the test does and what the desktop hears of it. */
const TOLERANCE_MS = 300;
const SLACK_MS = 10_000;
/** A busy machine paints late. */
const SCREEN_AGE_MS = 1_500;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 } } } });

test("a locked session is not recorded, in a call and from its beginning, and coverage says so @inside", async ({
  recorder,
  desktop,
  call,
}) => {
  const ann = await desktop(ANN, "PC-0815");
  const isCaptured = () =>
    call.recording(({ tracks }) => tracks[0]?.coverage.at(-1)?.state === "captured", SLACK_MS);
  // The call comes while the agent is away from the desk.
  await tell(ann, "lock-screen");
  await call.ring();
  await call.connect();
  await call.captured();
  await sleep(2_000);
  const [track] = (await call.recording(() => true)).tracks;
  expect(track?.coverage.at(-1)).toMatchObject({ state: "gap", reason: "session-locked" });
  await tell(ann, "unlock-screen");
  await isCaptured();
  await sleep(2_000);

  const lockedAt = Date.now();
  await tell(ann, "lock-screen");
  await sleep(4_000);
  const unlockedAt = Date.now();
  await tell(ann, "unlock-screen");
  await isCaptured();
  await sleep(2_000);
  await call.end();

  const recording = await call.sealed();
  expect(recording.tracks).toHaveLength(1);
  const locked = recording.tracks[0]?.coverage.filter(({ reason }) => reason === "session-locked") ?? [];
  expect(locked).toHaveLength(2);
  const [from, to] = [Date.parse(locked[1]?.from ?? ""), Date.parse(locked[1]?.to ?? "")];
  expect(from).toBeGreaterThan(lockedAt - TOLERANCE_MS);
  expect(from).toBeLessThan(unlockedAt);
  expect(to).toBeGreaterThan(unlockedAt - TOLERANCE_MS);
  expect(to).toBeLessThan(unlockedAt + SLACK_MS);
  const reasons = recording.tracks[0]?.coverage.flatMap(({ reason }) => reason ?? []);
  // Until the desktop has said why.
  expect(new Set(reasons)).toEqual(new Set(["late-start", "session-locked"]));

  const shown: number[] = [];
  for (const { file } of recorder.files(recording)) {
    expect(await decodeFaults(file)).toBe("");
    shown.push(...(await readBarCodes(file)).flatMap(({ value }) => value ?? []));
  }
  expect(shown.some((at) => at < lockedAt)).toBe(true);
  expect(shown.some((at) => at > to)).toBe(true);
  // The first picture after it may have been painted a moment before.
  expect(shown.filter((at) => at > from + TOLERANCE_MS && at < unlockedAt - SCREEN_AGE_MS)).toEqual([]);
});

/** What the operating system would tell the desktop. */
async function tell({ app }: Desktop, event: "lock-screen" | "unlock-screen"): Promise<void> {
  await app.evaluate(({ powerMonitor }, name) => powerMonitor.emit(name), event);
}
