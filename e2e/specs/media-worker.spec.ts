import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { statesOf } from "../rig/recorder.ts";

test.use({ siteOptions: { recorder: { webrtc: { port: 0, workers: 2 } } } });

test("a media worker that dies in a call costs its desktops a gap, and the others nothing", async ({
  recorder,
  desktop,
  anotherMonitor,
  anotherCall,
}) => {
  const agents = ["ann@contoso.com", "bob@contoso.com"] as const;
  await desktop(agents[0], "PC-0815");
  await desktop(agents[1], "PC-4711", await anotherMonitor());
  const calls = agents.map((agent) => anotherCall(agent));
  for (const call of calls) await call.ring();
  for (const call of calls) await call.connect();
  for (const call of calls) await call.captured();
  await sleep(4_000);
  const workers = await workersOf(recorder.pid);
  expect(workers).toHaveLength(2);
  process.kill(workers[0] ?? Number.NaN, "SIGKILL");
  await sleep(6_000);
  expect(await workersOf(recorder.pid)).toHaveLength(2);
  for (const call of calls) await call.end();

  const recordings = await Promise.all(calls.map((call) => call.sealed()));
  const courses = recordings.flatMap(({ tracks }) => tracks.map(statesOf));
  // Which of the two desktops the worker served is not known; it was one of them.
  expect(courses.toSorted((left, right) => left.length - right.length)).toEqual([
    ["late-start", "captured"],
    ["late-start", "captured", "media-worker-restart", "captured"],
  ]);
  for (const { file } of recordings.flatMap((recording) => recorder.files(recording)))
    expect(await decodeFaults(file)).toBe("");
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
