import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { startLoginManager } from "../rig/dbus/login-manager.ts";
import { startSessionBus } from "../rig/dbus/session-bus.ts";
import { letEveryoneIn } from "../rig/ordinary-user.ts";

const ANN = "ann@contoso.com";
const SLACK_MS = 30_000;
/** What it was is asked every five seconds; a picture may be under way and a busy machine late. */
const TOLERANCE_MS = 300;
/** A busy machine paints late. */
const SCREEN_AGE_MS = 1_500;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 } } } });
test.skip(process.platform !== "linux", "logind is of Linux");

test("a session that logind says is locked, or not the one on the seat, or asleep, is not recorded, each with its gap", async ({
  recorder,
  desktop,
  call,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-logind-"));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(folder, { recursive: true }));
  await letEveryoneIn(folder);
  const bus = parts.use(await startSessionBus(folder));
  const logind = parts.use(await startLoginManager(bus));
  const ann = await desktop(ANN, "PC-0815", { env: logind.env });
  const isNow = (word: string) =>
    call.recording(({ tracks }) => {
      const last = tracks[0]?.coverage.at(-1);
      return (last?.reason ?? last?.state) === word;
    }, SLACK_MS);
  const hides: { reason: string; hide: () => void; show: () => void }[] = [
    {
      reason: "session-locked",
      hide: () => logind.set({ isLocked: true }),
      show: () => logind.set({ isLocked: false }),
    },
    {
      reason: "session-disconnected",
      hide: () => logind.set({ isActive: false }),
      show: () => logind.set({ isActive: true }),
    },
    { reason: "desktop-offline", hide: () => logind.tellSleep(true), show: () => logind.tellSleep(false) },
  ];
  await call.ring();
  await call.connect();
  await isNow("captured");
  const shownAgainAt: number[] = [];
  for (const { reason, hide, show } of hides) {
    hide();
    await isNow(reason);
    await sleep(2_000);
    shownAgainAt.push(Date.now());
    show();
    await isNow("captured");
  }
  await sleep(1_000);
  await call.end();

  const recording = await call.sealed();
  const [track] = recording.tracks;
  expect(recording.tracks).toHaveLength(1);
  expect(track?.coverage.map(({ state, reason }) => reason ?? state)).toEqual([
    "late-start",
    "captured",
    ...hides.flatMap(({ reason }) => [reason, "captured"]),
  ]);
  // Who wakes connects anew; a lock is no reason to.
  const connections = ann
    .output()
    .split("\n")
    .filter((line) => line.includes('"recorder connected"'));
  expect(connections).toHaveLength(2);

  const shown: number[] = [];
  for (const { file } of recorder.files(recording))
    shown.push(...(await readBarCodes(file)).flatMap(({ value }) => value ?? []));
  const gaps =
    track?.coverage.filter(({ state, reason }) => state === "gap" && reason !== "late-start") ?? [];
  for (const [index, gap] of gaps.entries()) {
    const [from, to] = [Date.parse(gap.from), shownAgainAt[index] ?? 0];
    expect(to).toBeGreaterThan(from);
    expect(shown.filter((at) => at > from + TOLERANCE_MS && at < to - SCREEN_AGE_MS)).toEqual([]);
    expect(shown.some((at) => at > to)).toBe(true);
  }
});
