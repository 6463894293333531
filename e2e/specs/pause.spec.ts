import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Recording } from "#shared/api/recording.ts";
import { readToken } from "#shared/runtime/tokens-file.ts";
import type { LiveView } from "../../apps/adapter/domain/live-view.ts";
import { expect, test } from "../fixtures/test.ts";
import { readBarCodes } from "../media/read-screen.ts";
import type { Recorder } from "../rig/recorder.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";
import { REPAINT_EVERY_MS } from "../screen/layout.ts";

const ANN = "ann@contoso.com";
const BOB = "bob@contoso.com";
/** How old what the screen shows may be when it is captured; the bar code changes with each of its pictures. */
const SCREEN_AGE_MS = REPAINT_EVERY_MS + 150;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 }, aliasFile: "aliases.yaml" } } });

/** What the replay page shows of the present, as an admin sees it. */
async function live(site: Site): Promise<LiveView> {
  const token = await readToken(join(site.folder, "adapter-tokens.json"), "admin");
  const headers = { Authorization: `Bearer ${token}` };
  return (await (await fetch(`${site.adapterUrl}/v1/live`, { headers })).json()) as LiveView;
}

async function shownTimes(recorder: Recorder, recording: Recording): Promise<number[]> {
  const times: number[] = [];
  for (const { file } of recorder.files(recording))
    times.push(...(await readBarCodes(file)).flatMap(({ value }) => value ?? []));
  return times;
}

/** What every picture in the call buffer shows, in whatever state its file is. */
async function timesOnDisk(site: Site): Promise<number[]> {
  const names = await readdir(site.bufferDir, { recursive: true });
  const times: number[] = [];
  for (const name of names.filter((file) => /\.scn(\.part)?$/.test(file))) {
    // One that is being written may have no whole picture yet, or be renamed meanwhile.
    const codes = await readBarCodes(join(site.bufferDir, name)).catch(() => []);
    times.push(...codes.flatMap(({ value }) => value ?? []));
  }
  return times;
}

test("nothing that is on the screen in a pause is in any file, and coverage says who paused and why", async ({
  site,
  recorder,
  desktop,
  call,
}) => {
  await site.startAdapter();
  await desktop(ANN, "PC-0815");
  await call.ring();
  await call.connect();
  await sleep(4_000);
  expect(await live(site)).toMatchObject({
    calls: [{ agent: ANN, state: "talk", pause: null, screens: [{ state: "captured", desktop: "PC-0815" }] }],
    recorders: [{ isReachable: true, fault: null }],
  });
  const { pause } = await recorder.pause("ANN@contoso.com", "card number");
  const items = await recorder.agents();
  expect(items.map(({ agent, desktops }) => [agent, desktops.map(({ state }) => state)])).toEqual([
    [ANN, ["paused"]],
  ]);
  await sleep(4_000);
  expect((await live(site)).calls).toMatchObject([{ pause: { by: "integration", reason: "card number" } }]);
  const resumedAt = Date.now();
  await recorder.resume(ANN);
  await sleep(5_000);
  await call.end();

  const recording = await call.sealed();
  const pausedAt = Date.parse(pause?.since ?? "");
  const times = await shownTimes(recorder, recording);
  const inPause = times.filter((at) => at > pausedAt && at < resumedAt - SCREEN_AGE_MS);
  expect(inPause).toEqual([]);
  // Otherwise nothing would have been proven: there are pictures of both sides.
  expect(times.filter((at) => at <= pausedAt).length).toBeGreaterThan(5);
  expect(times.filter((at) => at >= resumedAt).length).toBeGreaterThan(5);
  expect((await timesOnDisk(site)).filter((at) => at > pausedAt && at < resumedAt - SCREEN_AGE_MS)).toEqual(
    [],
  );

  expect(recording.tracks).toHaveLength(1);
  const stretches = recording.tracks[0]?.coverage ?? [];
  const paused = stretches.filter(({ state }) => state === "paused");
  expect(paused).toEqual([
    { from: pause?.since, to: expect.any(String), state: "paused", by: "integration", source: "card number" },
  ]);
  const before = stretches[stretches.findIndex(({ state }) => state === "paused") - 1];
  expect([before?.state, stretches.at(-1)?.state]).toEqual(["captured", "captured"]);
  expect(stretches.filter(({ state }) => state === "gap").map(({ reason }) => reason)).not.toContain(
    "connection-lost",
  );
});

test("a recorder that is killed in a pause has nothing of it on its disk, and keeps the pause", async ({
  site,
  recorder,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  await call.ring();
  await call.connect();
  await sleep(4_000);
  const { pause } = await recorder.pause(ANN, "card number");
  const pausedAt = Date.parse(pause?.since ?? "");
  await sleep(500);
  await recorder.stop("SIGKILL");
  const atKill = await timesOnDisk(site);
  expect(atKill.filter((at) => at > pausedAt)).toEqual([]);
  expect(atKill.length).toBeGreaterThan(5);

  await sleep(1_000);
  await recorder.start();
  await waitFor(
    "the desktop to be back, and paused",
    async () => {
      const items = await recorder.agents();
      return items.some(({ agent, desktops }) => agent === ANN && desktops[0]?.state === "paused");
    },
    { withinMs: 60_000 },
  );
  await sleep(2_000);
  const resumedAt = Date.now();
  await recorder.resume(ANN);
  await waitFor(
    "pictures after the pause",
    () => timesOnDisk(site).then((times) => times.some((at) => at > resumedAt)),
    {
      withinMs: 60_000,
      everyMs: 1_000,
    },
  );
  await sleep(3_000);
  await call.end();

  const recording = await call.sealed();
  const times = await timesOnDisk(site);
  expect(times.filter((at) => at > pausedAt && at < resumedAt - SCREEN_AGE_MS)).toEqual([]);
  expect(times.filter((at) => at >= resumedAt).length).toBeGreaterThan(5);
  // The pause is one stretch, whoever was away in it, and the timeline has no hole.
  const stretches = recording.tracks[0]?.coverage ?? [];
  expect(stretches.filter(({ state }) => state === "paused").map(({ from }) => from)).toEqual([pause?.since]);
  expect(stretches.slice(1).map(({ from }) => from)).toEqual(stretches.slice(0, -1).map(({ to }) => to));
  expect([stretches[0]?.from, stretches.at(-1)?.to]).toEqual([recording.startedAt, recording.endedAt]);
});

test("a shared desk is recorded for whom the alias file says, from one moment to the next", async ({
  site,
  recorder,
  desktop,
  anotherCall,
}) => {
  const owner = (agent: string) =>
    writeFile(join(site.folder, "aliases.yaml"), `desktops: [{ device: PC-0815, agent: ${agent} }]\n`);
  await desktop("kiosk@pc-0815", "PC-0815");
  await owner(ANN);
  const [anns, bobs] = [anotherCall(ANN), anotherCall(BOB)];
  await waitFor(
    "Ann's desk",
    async () => {
      const items = await recorder.agents();
      return items.some(({ agent, desktops }) => agent === ANN && desktops[0]?.state === "idle");
    },
    { withinMs: 20_000 },
  );
  for (const call of [anns, bobs]) {
    await call.ring();
    await call.connect();
  }
  await sleep(4_000);
  await owner(BOB);
  await bobs.recording(({ tracks }) => tracks.length === 1);
  await sleep(4_000);
  for (const call of [anns, bobs]) await call.end();

  const recordings = [await anns.sealed(), await bobs.sealed()] as const;
  const [annSaw, bobSaw] = [
    await shownTimes(recorder, recordings[0]),
    await shownTimes(recorder, recordings[1]),
  ];
  expect([annSaw.length > 5, bobSaw.length > 5]).toEqual([true, true]);
  expect(Math.max(...annSaw)).toBeLessThan(Math.min(...bobSaw));
  expect(recordings[0].tracks[0]?.coverage.at(-1)).toMatchObject({ state: "gap", reason: "desktop-offline" });
});
