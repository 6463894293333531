import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestRecorder } from "../testing/test-recorder.ts";
import { eventually } from "../testing/eventually.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open({ maxPauseS: 60 });
  await recorder.happens("ringing");
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

interface AgentAnswer {
  agent: string;
  pause: { since: string; endsBy: string; reason: string; by: string } | null;
  desktops: { device: string; state: string }[];
}

const pause = (agent = "ann", reason = "card number", token: "admin" | "integration" = "integration") =>
  recorder.call<AgentAnswer>(token, "POST", `/v1/agents/${encodeURIComponent(agent)}/pause`, { reason });
const resume = (agent = "ann") =>
  recorder.call<AgentAnswer>("integration", "POST", `/v1/agents/${agent}/resume`);

/** A picture of the only recording, from and to so many seconds after the test's start. */
function showPicture(from: number, to: number): void {
  const [leg] = recorder.buffer.legs.ofSession("ann", "s1");
  if (leg === undefined) throw new Error("no recording");
  const { recordingId } = leg;
  const { trackId, nextSegment } = recorder.buffer.capture.openTrack({
    recordingId,
    desktop: "PC",
    display: "1",
    codec: "vp9",
    width: 1_920,
    height: 1_080,
    openedAt: START + from * 1_000,
  });
  recorder.buffer.capture.addSegment(recordingId, trackId, {
    id: String(nextSegment).padStart(6, "0"),
    startedAt: START + from * 1_000,
    durationMs: (to - from) * 1_000,
    frames: 5,
    bytes: 1,
    width: 1_920,
    height: 1_080,
    sha256: "0".repeat(64),
    previousSha256: null,
  });
}

const START = Date.UTC(2026, 2, 2, 10, 0, 0);

async function coverage() {
  const [recording] = await recorder.recordings();
  const stretches = recording?.tracks[0]?.coverage.map(({ from, to, ...state }) => ({
    from: (Date.parse(from) - START) / 1_000,
    to: to === null ? null : (Date.parse(to) - START) / 1_000,
    ...state,
  }));
  return { word: recording?.coverage, stretches };
}

describe("POST /v1/agents/{agent}/pause", () => {
  test("pauses what is open and what opens, and answers with the agent's state", async () => {
    const since = "2026-03-02T10:00:00.000Z";
    const desktop = {
      device: "PC",
      state: "paused" as const,
      displays: [],
      appVersion: "0.1.0",
      figures: null,
    };
    recorder.desktops.push({ agent: "ann", desktops: [{ ...desktop, since: START }] });
    const answer = await pause("ANN");
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        agent: "ann",
        pause: { since, endsBy: "2026-03-02T10:01:00.000Z", reason: "card number", by: "integration" },
        desktops: [{ ...desktop, since }],
      },
    ]);
    expect([...recorder.capture.paused]).toEqual(["ann"]);
  });

  test("is durable when it is answered: it goes on over a restart, until it ends", async () => {
    await pause();
    await recorder.stop();
    recorder.capture.paused.clear();
    await recorder.start();
    expect([...recorder.capture.paused]).toEqual(["ann"]);
    await resume();
    await recorder.stop();
    await recorder.start();
    expect([...recorder.capture.paused]).toEqual([]);
  });

  test("again changes nothing, nor does a second resume", async () => {
    await pause();
    recorder.clock.advance(10);
    const again = await pause("ann", "another reason", "admin");
    expect(again.body.pause).toMatchObject({ since: "2026-03-02T10:00:00.000Z", reason: "card number" });
    expect((await resume()).body.pause).toBe(null);
    expect([(await resume()).status, (await resume()).body.pause]).toEqual([200, null]);
  });

  test("means an agent by any name", async () => {
    recorder.names.learn(["ann", "CONTOSO\\Ann"], "dynamics");
    expect((await pause("contoso\\ann")).body.agent).toBe("ann");
    expect([...recorder.capture.paused]).toEqual(["ann"]);
  });

  test("holds while a pause is asked for, whatever ends meanwhile", async () => {
    await pause();
    await Promise.all([resume(), pause("ann", "second card")]);
    const { body } = await pause("ann", "second card");
    expect(body.pause).not.toBe(null);
    expect([...recorder.capture.paused]).toEqual(["ann"]);
  });

  test("of an agent never heard of is 404, and makes none", async () => {
    for (const answer of [await pause("nobody"), await pause("nobody"), await resume("nobody")])
      expect(answer.status).toBe(404);
    expect([...recorder.capture.paused]).toEqual([]);
  });

  test.each([
    [{}, ["/reason"]],
    [{ reason: " " }, ["/reason"]],
    [{ reason: "x".repeat(201), until: "noon" }, ["/reason", "/until"]],
    [{ reason: 7 }, ["/reason"]],
  ])("with %j is 400 and names the fields", async (body, fields) => {
    const answer = await recorder.call<{ errors: { path: string }[] }>(
      "admin",
      "POST",
      "/v1/agents/ann/pause",
      body,
    );
    expect([answer.status, answer.body.errors.map(({ path }) => path)]).toEqual([400, fields]);
    expect(recorder.capture.paused.size).toBe(0);
  });

  test("without a body is 400, too", async () => {
    expect((await recorder.call("admin", "POST", "/v1/agents/ann/pause")).status).toBe(400);
  });

  test.each(["pause", "resume"])("wants the scope admin or integration for %s", async (what) => {
    const path = `/v1/agents/ann/${what}`;
    expect((await recorder.call(null, "POST", path, { reason: "x" })).status).toBe(401);
    expect((await recorder.call("adapter", "POST", path, { reason: "x" })).status).toBe(403);
  });

  test("ends by itself after maxPauseS, also while the recorder is down, and its coverage says so", async () => {
    await recorder.happens("connected");
    showPicture(0, 10);
    recorder.clock.advance(10);
    await pause();
    await recorder.stop();
    recorder.clock.advance(100);
    await recorder.start();
    expect(recorder.capture.paused.has("ann")).toBe(false);
    showPicture(110, 120);
    await recorder.happens("agent-available", 10);
    const { stretches } = await coverage();
    expect(stretches).toEqual([
      { from: 0, to: 10, state: "captured" },
      { from: 10, to: 70, state: "paused", by: "integration", source: "card number", reason: "max-pause" },
      { from: 70, to: 110, state: "gap", reason: "recorder-restart" },
      { from: 110, to: 120, state: "captured" },
    ]);
  });

  test("ends by itself while the recorder runs", async () => {
    const short = await TestRecorder.open({ maxPauseS: 0.05 });
    try {
      await short.happens("ringing");
      await short.call("admin", "POST", "/v1/agents/ann/pause", { reason: "x" });
      expect([...short.capture.paused]).toEqual(["ann"]);
      short.clock.advance(1);
      await eventually(() => expect([...short.capture.paused]).toEqual([]));
    } finally {
      await short[Symbol.asyncDispose]();
    }
  });
});

describe("a pause in a call", () => {
  test("is in the coverage with who and why, cut to the recording, and no gap for the word", async () => {
    await recorder.happens("connected");
    showPicture(0, 10);
    recorder.clock.advance(10);
    await pause("ann", "card number", "admin");
    recorder.clock.advance(20);
    await resume();
    showPicture(30.5, 40);
    await recorder.happens("agent-available", 10);
    expect(await coverage()).toEqual({
      word: "recorded",
      stretches: [
        { from: 0, to: 10, state: "captured" },
        { from: 10, to: 30, state: "paused", by: "admin", source: "card number" },
        { from: 30, to: 30.5, state: "gap", reason: "late-start" },
        { from: 30.5, to: 40, state: "captured" },
      ],
    });
  });

  test("that outlasts it ends with it", async () => {
    await recorder.happens("connected");
    showPicture(0, 10);
    recorder.clock.advance(10);
    await pause();
    expect((await coverage()).stretches?.at(-1)).toEqual({
      from: 10,
      to: null,
      state: "paused",
      by: "integration",
      source: "card number",
    });
    await recorder.happens("agent-available", 5);
    recorder.clock.advance(5);
    await resume();
    expect(await coverage()).toMatchObject({
      word: "recorded",
      stretches: [{ state: "captured" }, { from: 10, to: 15, state: "paused" }],
    });
  });

  test("from its first to its last moment leaves it not-recorded: paused", async () => {
    await pause();
    await recorder.happens("connected", 1);
    await recorder.happens("agent-available", 10);
    const [recording] = await recorder.recordings();
    expect([recording?.coverage, recording?.note]).toEqual(["not-recorded", "paused"]);
  });
});

describe("an agent with several names", () => {
  test("has one recording, whichever name its events use, and is found by each", async () => {
    recorder.names.learn(["ann", "ann@contoso.com"], "dynamics");
    await recorder.happens("connected", 1, { agent: "Ann@Contoso.com" });
    const found = await recorder.recordings("?agent=ANN%40contoso.com");
    expect(found.map(({ agent, events }) => [agent, events.map(({ type }) => type)])).toEqual([
      ["ann", ["ringing", "connected"]],
    ]);
    expect(await recorder.recordings("?agent=nobody")).toEqual([]);
    expect(recorder.names.find("nobody")).toBe(null);
  });
});
