import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Recording } from "#shared/api/recording.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { readBarCodes } from "../media/read-screen.ts";
import { getJson, scriptCall } from "../rig/events.ts";
import { startProgram } from "../rig/program.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const BOB = "bob@contoso.com";
/** How old what the screen shows may be when it is captured; the bar code changes with each of its pictures. */
const SCREEN_AGE_MS = 200;

test.use({ siteOptions: { recorder: { buffer: { segmentS: 5 }, aliasFile: "aliases.yaml" } } });

interface AgentState {
  agent: string;
  pause: { since: string; endsBy: string; reason: string; by: string } | null;
  desktops: { device: string; state: string }[];
}

async function order(site: Site, agent: string, what: "pause" | "resume", body = {}): Promise<AgentState> {
  const response = await fetch(`${site.recorderUrl}/v1/agents/${encodeURIComponent(agent)}/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${site.tokens.integration}` },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as AgentState;
}

async function shownTimes(site: Site, recording: Recording): Promise<number[]> {
  const times: number[] = [];
  for (const track of recording.tracks) {
    for (const { id } of track.segments) {
      const codes = await readBarCodes(join(site.bufferDir, recording.id, track.id, `${id}.scn`));
      times.push(...codes.flatMap(({ value }) => value ?? []));
    }
  }
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
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await sleep(4_000);
  const { pause } = await order(site, "ANN@contoso.com", "pause", { reason: "card number" });
  const { items } = await getJson<{ items: AgentState[] }>(
    `${site.recorderUrl}/v1/agents`,
    site.tokens.admin,
  );
  expect(items.map(({ agent, desktops }) => [agent, desktops.map(({ state }) => state)])).toEqual([
    [ANN, ["paused"]],
  ]);
  await sleep(4_000);
  const resumedAt = Date.now();
  await order(site, ANN, "resume");
  await sleep(5_000);
  await call.say("agent-available");

  const recording = await call.recording(({ phase }) => phase === "sealed");
  const pausedAt = Date.parse(pause?.since ?? "");
  const times = await shownTimes(site, recording);
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
  monitor,
  desktop,
}) => {
  void monitor;
  await desktop(ANN, "PC-0815");
  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await sleep(4_000);
  const { pause } = await order(site, ANN, "pause", { reason: "card number" });
  const pausedAt = Date.parse(pause?.since ?? "");
  await sleep(500);
  await site.recorder.kill();
  const atKill = await timesOnDisk(site);
  expect(atKill.filter((at) => at > pausedAt)).toEqual([]);
  expect(atKill.length).toBeGreaterThan(5);

  await sleep(1_000);
  const main = join(REPOSITORY, "apps/recorder/main.ts");
  await using _again = await startProgram("the recorder", process.execPath, [
    main,
    "--config",
    site.configFile,
  ]);
  await waitFor(
    "the desktop to be back, and paused",
    async () => {
      const { items } = await getJson<{ items: AgentState[] }>(
        `${site.recorderUrl}/v1/agents`,
        site.tokens.admin,
      );
      return items.some(({ agent, desktops }) => agent === ANN && desktops[0]?.state === "paused");
    },
    { withinMs: 60_000 },
  );
  await sleep(2_000);
  const resumedAt = Date.now();
  await order(site, ANN, "resume");
  await waitFor(
    "pictures after the pause",
    () => timesOnDisk(site).then((times) => times.some((at) => at > resumedAt)),
    {
      withinMs: 60_000,
      everyMs: 1_000,
    },
  );
  await sleep(3_000);
  await call.say("agent-available");

  const recording = await call.recording(({ phase }) => phase === "sealed", 60_000);
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
  monitor,
  desktop,
}) => {
  void monitor;
  const owner = (agent: string) =>
    writeFile(join(site.folder, "aliases.yaml"), `desktops: [{ device: PC-0815, agent: ${agent} }]\n`);
  await desktop("kiosk@pc-0815", "PC-0815");
  await owner(ANN);
  const [anns, bobs] = [scriptCall(site, ANN), scriptCall(site, BOB)];
  await waitFor(
    "Ann's desk",
    async () => {
      const { items } = await getJson<{ items: AgentState[] }>(
        `${site.recorderUrl}/v1/agents`,
        site.tokens.admin,
      );
      return items.some(({ agent, desktops }) => agent === ANN && desktops[0]?.state === "idle");
    },
    { withinMs: 20_000 },
  );
  for (const call of [anns, bobs]) {
    await call.say("ringing");
    await call.say("connected");
  }
  await sleep(4_000);
  await owner(BOB);
  await bobs.recording(({ tracks }) => tracks.length === 1);
  await sleep(4_000);
  for (const call of [anns, bobs]) await call.say("agent-available");

  const recordings = [
    await anns.recording(({ phase }) => phase === "sealed"),
    await bobs.recording(({ phase }) => phase === "sealed"),
  ] as const;
  const [annSaw, bobSaw] = [await shownTimes(site, recordings[0]), await shownTimes(site, recordings[1])];
  expect([annSaw.length > 5, bobSaw.length > 5]).toEqual([true, true]);
  expect(Math.max(...annSaw)).toBeLessThan(Math.min(...bobSaw));
  expect(recordings[0].tracks[0]?.coverage.at(-1)).toMatchObject({ state: "gap", reason: "desktop-offline" });
});
