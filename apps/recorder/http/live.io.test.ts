import { afterEach, beforeEach, expect, test } from "vitest";
import { type Live, liveSchema } from "#shared/api/live.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

async function live(): Promise<Live> {
  const { body } = await recorder.call("adapter", "GET", "/v1/live");
  const answer = liveSchema.parse(body);
  // Nothing of it is lost on whoever reads it by the schema.
  expect(answer).toEqual(body);
  return answer;
}

test("tells of what is under way, and of nothing else", async () => {
  const attributes = { agentName: "Ann Agent", customer: "+1425", queue: "Billing", note: "private" };
  await recorder.happens("ringing", 0, { attributes });
  const [recording] = await recorder.recordings();
  const size = { width: 1_920, height: 1_080 };
  const screen = { desktop: "PC", display: "1", codec: "vp9" as const, ...size, hasSource: true };
  recorder.captures.set(recording?.id ?? "", {
    screens: [
      { ...screen, hasPicture: true, gap: null, framesPerSecond: 4.96, kbitPerSecond: 84.21 },
      {
        ...{ ...screen, display: "2", hasSource: false, hasPicture: false },
        gap: { reason: "session-locked", from: recorder.clock.now() },
        ...{ framesPerSecond: 0, kbitPerSecond: 0 },
      },
    ],
    gap: null,
  });
  await recorder.happens("connected", 3);
  await recorder.happens("on-hold", 10);
  await recorder.happens("connected", 1, { agent: "bob", callSessionId: "s2" });
  await recorder.happens("wrap-up", 1, { agent: "bob", callSessionId: "s2" });
  await recorder.happens("connected", 1, { agent: "cem", callSessionId: "s3" });
  await recorder.happens("agent-available", 1, { agent: "cem", callSessionId: "s3" });
  await recorder.happens("ringing", 1, { agent: "dee", callSessionId: "s4" });
  await recorder.happens("not-responding", 1, { agent: "dee", callSessionId: "s4" });

  const { calls } = await live();
  expect(calls.map(({ agent, state }) => [agent, state])).toEqual([
    ["ann", "hold"],
    ["bob", "wrap-up"],
  ]);
  expect(calls[0]).toMatchObject({
    ...{ callSessionId: "s1", leg: 1, startedAt: "2026-03-02T10:00:00.000Z" },
    ...{ connectedAt: "2026-03-02T10:00:03.000Z", stateSince: "2026-03-02T10:00:13.000Z" },
    attributes: { agentName: "Ann Agent", customer: "+1425", queue: "Billing" },
    ...{ pause: null, gap: null },
    screens: [
      { display: "1", state: "captured", gap: null, framesPerSecond: 5, kbitPerSecond: 84.2 },
      { display: "2", state: "gap", gap: { reason: "session-locked", since: "2026-03-02T10:00:00.000Z" } },
    ],
  });
  expect(Object.keys(calls[0]?.attributes ?? {})).not.toContain("note");
});

test("tells who paused an agent, that events came too late, and what waits", async () => {
  await recorder.happens("connected");
  await recorder.call("admin", "POST", "/v1/agents/ann/pause", { reason: "card number" });
  const late = { agent: "bob", callSessionId: "s2", at: "2026-03-02T09:00:00Z" };
  await recorder.happens("connected", 1, late);
  await recorder.happens("connected", 1, { agent: "cem", callSessionId: "s3" });
  await recorder.happens("agent-available", 1, { agent: "cem", callSessionId: "s3" });
  recorder.desktops.push({
    agent: "dee",
    desktops: [
      {
        ...{ device: "PC-1", state: "idle", appVersion: "0.1.0", since: recorder.clock.now(), figures: null },
        displays: [{ id: "1", width: 1_920, height: 1_080, scale: 1, primary: true }],
      },
    ],
  });

  const { calls, agents, space, handoff } = await live();
  const byAgent = Object.fromEntries(calls.map((call) => [call.agent, call]));
  expect(byAgent["ann"]?.pause).toMatchObject({ by: "admin", reason: "card number" });
  expect(byAgent["bob"]?.gap).toMatchObject({ reason: "events-late" });
  expect(agents).toEqual([
    {
      agent: "dee",
      desktops: [
        {
          device: "PC-1",
          state: "idle",
          since: "2026-03-02T10:00:03.000Z",
          displays: 1,
          appVersion: "0.1.0",
        },
      ],
    },
  ]);
  expect(space).toEqual({
    ...{ freeBytes: 5_000, reserveBytes: 1_000, bufferBytes: 10, quotaBytes: null },
    alarm: null,
  });
  expect(handoff).toEqual({ waiting: 1, refused: 0 });
});

test("more than one turn's worth of calls are each told once", async () => {
  const events = Array.from({ length: 120 }, (_, index) =>
    recorder.event("connected", { agent: `agent-${index}`, callSessionId: `s-${index}` }),
  );
  expect((await recorder.post(events)).status).toBe(202);
  const { calls } = await live();
  expect(new Set(calls.map(({ callSessionId }) => callSessionId)).size).toBe(120);
  expect(calls).toHaveLength(120);
});

test("is the adapter's: other keys are refused", async () => {
  const statuses = await Promise.all(
    (["admin", "integration", null] as const).map(
      async (token) => (await recorder.call(token, "GET", "/v1/live")).status,
    ),
  );
  expect(statuses).toEqual([403, 403, 401]);
});
