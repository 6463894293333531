import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { scriptCall } from "../rig/events.ts";

test.use({ siteOptions: { recorder: { webrtc: { port: 0, workers: 2 } } } });

test("a media worker that dies in a call costs its desktops a gap, and the others nothing", async ({
  site,
  monitor,
  anotherMonitor,
  desktop,
}) => {
  void monitor;
  const agents = ["ann@contoso.com", "bob@contoso.com"] as const;
  await desktop(agents[0], "PC-0815");
  await desktop(agents[1], "PC-4711", await anotherMonitor());
  const calls = agents.map((agent) => scriptCall(site, agent));
  for (const call of calls) await call.say("ringing");
  for (const call of calls) await call.say("connected");
  for (const call of calls) await call.recording(({ tracks }) => tracks.length > 0);
  await sleep(4_000);
  const workers = await workersOf(site.recorder.pid);
  expect(workers).toHaveLength(2);
  process.kill(workers[0] ?? Number.NaN, "SIGKILL");
  await sleep(6_000);
  expect(await workersOf(site.recorder.pid)).toHaveLength(2);
  for (const call of calls) await call.say("agent-available");

  const recordings = await Promise.all(
    calls.map((call) => call.recording(({ phase }) => phase === "sealed")),
  );
  const courses = recordings.map(({ tracks }) => {
    expect(tracks).toHaveLength(1);
    return tracks[0]?.coverage.map(({ state, reason = null }) => reason ?? state);
  });
  // Which of the two desktops the worker served is not known; it was one of them.
  expect(courses.toSorted((left, right) => (left?.length ?? 0) - (right?.length ?? 0))).toEqual([
    ["late-start", "captured"],
    ["late-start", "captured", "media-worker-restart", "captured"],
  ]);
  for (const { id, tracks } of recordings) {
    for (const segment of tracks[0]?.segments ?? []) {
      const file = join(site.bufferDir, id, tracks[0]?.id ?? "", `${segment.id}.scn`);
      expect(await decodeFaults(file)).toBe("");
    }
  }
});

/** Process ids of a recorder's media workers. */
async function workersOf(recorderPid: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [stat, command] = await Promise.all(
      ["stat", "cmdline"].map((name) => readFile(`/proc/${entry}/${name}`, "utf8").catch(() => "")),
    );
    const parent = Number(/^\d+ \(.*\) \S (\d+)/.exec(stat ?? "")?.[1]);
    if (parent === recorderPid && (command ?? "").includes("mediasoup-worker")) found.push(Number(entry));
  }
  return found;
}
