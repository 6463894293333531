import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { type DynamicsSimulator, startDynamics } from "../simulator.ts";

let simulator: DynamicsSimulator;
beforeAll(async () => {
  simulator = await startDynamics({ log: silentLog() });
});
afterAll(() => simulator[Symbol.asyncDispose]());

const post = (body: unknown, headers: Record<string, string> = { "Content-Type": "application/json" }) =>
  fetch(`${simulator.url}/simulator/calls`, { method: "POST", headers, body: JSON.stringify(body) });

const SCRIPT = {
  customer: "+14255550100",
  queue: "Billing",
  agents: { ann: { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann" } },
  steps: [{ atMs: 0, do: "ring", agent: "ann" }],
};

const MISSING_FILE = { startMs: 0, durationMs: 9, source: { kind: "file", path: "no-such.mp3" } };

test("a script that is posted is played, and its state can be read", async () => {
  const placed = await post({ script: SCRIPT });
  const { callSessionId } = (await placed.json()) as { callSessionId: string };
  expect([placed.status, placed.headers.get("Location")]).toEqual([201, `/simulator/calls/${callSessionId}`]);
  const read = async () => (await fetch(`${simulator.url}/simulator/calls/${callSessionId}`)).json();
  await expect.poll(read).toMatchObject({
    callSessionId,
    phase: "finished",
    error: null,
    steps: [{ do: "ring", agent: "ann@contoso.com" }],
    expected: [{ type: "ringing", agent: "ann@contoso.com" }],
    webhooks: { delivered: 0, failed: 0, lost: 0, underWay: 0 },
    parts: [],
    audioAvailableAt: null,
  });
});

test("a shipped script is played by its name", async () => {
  const placed = await post({ script: "not-responding" });
  expect([placed.status, await placed.json()]).toMatchObject([201, { phase: "playing", parts: [] }]);
});

test.each([
  [{ script: "no-such" }, 400, /there is none; there are auto-answer, .*one-call, .*transfer/],
  [{ script: { ...SCRIPT, steps: [] } }, 400, /\/steps must have at least one step/],
  [{ script: 7 }, 400, /1 faulty field/],
  [{}, 400, /1 faulty field/],
  [{ script: { ...SCRIPT, audio: [MISSING_FILE] } }, 400, /\/audio source\/path no-such\.mp3 cannot be read/],
])("%j is refused with the reason", async (body, status, reason) => {
  const answer = await post(body);
  const problem = (await answer.json()) as { detail: string };
  expect(answer.status).toBe(status);
  expect(problem.detail).toMatch(reason);
});

test("a page in a browser cannot place calls: only JSON is taken, and no other origin is let through", async () => {
  expect((await post({ script: "one-call" }, { "Content-Type": "text/plain" })).status).toBe(415);
  const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" };
  const preflight = await fetch(`${simulator.url}/simulator/calls`, { method: "OPTIONS", headers });
  expect(preflight.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("a call that was not placed here is not found", async () => {
  expect((await fetch(`${simulator.url}/simulator/calls/nobody`)).status).toBe(404);
});
