import { expect, test } from "vitest";
import type { LiveView } from "../domain/live-view.ts";
import { FakeRecorder } from "../rig/fake-recorder.ts";
import { madeCall, QUIET_RECORDER } from "../rig/made-live.ts";
import { startRig } from "../rig/run-site.ts";

test("many pages cost a recorder one request, and one that is away is told of by name", async () => {
  await using steady = await FakeRecorder.listen();
  const at = new Date().toISOString();
  steady.live = { ...QUIET_RECORDER, at, calls: [madeCall("ann", "s1", 60)] };
  const leaving = await FakeRecorder.listen();
  leaving.live = { ...QUIET_RECORDER, at, calls: [madeCall("bob", "s2", 30)] };
  await using older = await FakeRecorder.listen();
  await using rig = await startRig({ recorders: [steady.url, leaving.url, older.url] });
  const look = async () => {
    const headers = { Authorization: `Bearer ${rig.adapter.tokens.admin}` };
    const response = await fetch(`${rig.adapter.url}/v1/live`, { headers });
    return (await response.json()) as LiveView;
  };
  const rowsOf = ({ calls }: LiveView) => calls.map(({ agent, isStale }) => [agent, isStale]);

  const lookedAt = performance.now();
  const views = await Promise.all(Array.from({ length: 50 }, look));
  expect(steady.liveRequests).toBeLessThanOrEqual(1 + (performance.now() - lookedAt) / 1_000);
  expect(new Set(views.map((view) => JSON.stringify(rowsOf(view))))).toEqual(
    new Set([
      JSON.stringify([
        ["ann", false],
        ["bob", false],
      ]),
    ]),
  );
  expect(views[0]?.recorders).toMatchObject([
    { name: new URL(steady.url).host, isReachable: true, fault: null },
    { isReachable: true },
    { isReachable: false, asOf: null, fault: expect.stringContaining("/v1/live answered 404") as string },
  ]);

  const { host } = new URL(leaving.url);
  await leaving[Symbol.asyncDispose]();
  await expect
    .poll(async () => rowsOf(await look()), { timeout: 10_000 })
    .toEqual([
      ["ann", false],
      ["bob", true],
    ]);
  const away = (await look()).recorders[1];
  expect(away).toMatchObject({
    ...{ name: host, isReachable: false, handoff: { waiting: 0 } },
    asOf: expect.any(String) as string,
    fault: expect.stringContaining("did not answer") as string,
  });
});
