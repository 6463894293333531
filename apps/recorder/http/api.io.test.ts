import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordingSchema } from "#shared/api/recording.ts";
import { TestRecorder, TOKENS } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

describe("GET /v1/recordings", () => {
  test("lists newest first, page by page", async () => {
    for (const n of [1, 2, 3, 4, 5]) await recorder.happens("connected", 1, { callSessionId: `s${n}` });
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 5; pages += 1) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const answer = await recorder.call<{ items: { callSessionId: string }[]; cursor: string | null }>(
        "admin",
        "GET",
        `/v1/recordings?limit=2${query}`,
      );
      seen.push(answer.body.items.map((item) => item.callSessionId).join(" "));
      cursor = answer.body.cursor;
    }
    expect(seen).toEqual(["s5 s4", "s3 s2", "s1"]);
  });

  test("filters by phase, agent and call session, compared case-insensitively", async () => {
    await recorder.happens("connected", 1, { callSessionId: "s1", agent: "Ann@x.com" });
    await recorder.happens("ringing", 1, { callSessionId: "s2", agent: "ann@x.com" });
    await recorder.happens("connected", 1, { callSessionId: "s1", agent: "bob@x.com" });
    const found = async (query: string) =>
      (await recorder.recordings(query)).map((item) => `${item.agent} ${item.callSessionId}`);
    expect(await found("?agent=ANN@x.com")).toEqual(["ann@x.com s2", "ann@x.com s1"]);
    expect(await found("?callSessionId=S1")).toEqual(["bob@x.com s1", "ann@x.com s1"]);
    expect(await found("?phase=provisional")).toEqual(["ann@x.com s2"]);
    expect(await found("?phase=kept&agent=bob@x.com")).toEqual(["bob@x.com s1"]);
  });

  test("refuses a faulty query with every fault named", async () => {
    const answer = await recorder.call(
      "admin",
      "GET",
      "/v1/recordings?phase=gone&limit=501&cursor=x&shift=1",
    );
    expect(answer.body).toMatchObject({
      status: 400,
      errors: [{ path: "/phase" }, { path: "/limit" }, { path: "/cursor" }, { path: "/shift" }],
    });
  });

  test("answers in the contract's form, one by one too", async () => {
    await recorder.happens("ringing");
    const [recording] = await recorder.recordings();
    const answer = await recorder.call("admin", "GET", `/v1/recordings/${recording?.id}`);
    expect(recordingSchema.parse(answer.body)).toEqual(recording);
    expect((await recorder.call("admin", "GET", "/v1/recordings/01UNKNOWN")).status).toBe(404);
  });
});

test("GET /v1/agents shows desktops as the capture side has them", async () => {
  const display = { id: "1", width: 1_920, height: 1_080, scale: 1, primary: true };
  const desktop = {
    device: "PC",
    state: "recording" as const,
    displays: [display],
    appVersion: "0.1.0",
    figures: null,
  };
  recorder.desktops.push({ agent: "ann", desktops: [{ ...desktop, since: recorder.clock.now() + 0.25 }] });
  expect((await recorder.call("admin", "GET", "/v1/agents")).body).toEqual({
    items: [{ agent: "ann", desktops: [{ ...desktop, since: "2026-03-02T10:00:00.000Z" }] }],
    cursor: null,
  });
});

test("the Dataverse webhook wants its key, and is not served without Dynamics: 503", async () => {
  const path = "/v1/dataverse-webhook?code=";
  expect((await recorder.call(null, "POST", `${path}${TOKENS.webhookKey}`, "{}")).status).toBe(503);
  expect((await recorder.call(null, "POST", `${path}wrong`)).status).toBe(401);
  expect((await recorder.call("admin", "POST", "/v1/dataverse-webhook")).status).toBe(401);
});

test("an unknown path is 404, and nothing says what the server is made of", async () => {
  const answer = await recorder.call("admin", "GET", "/v2");
  expect([answer.status, answer.headers.get("x-powered-by")]).toEqual([404, null]);
});

describe("the ops listener", () => {
  const get = async (path: string) => {
    const response = await fetch(new URL(path, recorder.opsUrl));
    return { status: response.status, text: await response.text() };
  };

  test("needs no token", async () => {
    expect(await get("/healthz")).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect((await get("/openapi.json")).status).toBe(200);
  });

  test("is not ready when media cannot come in", async () => {
    expect((await get("/readyz")).status).toBe(200);
    recorder.mediaFault = { isTotal: true, detail: "the worker is gone" };
    expect(await get("/readyz")).toMatchObject({
      status: 503,
      text: expect.stringMatching("the worker is gone"),
    });
  });

  test("is ready, with an alarm, while some of the media workers do not run", async () => {
    recorder.mediaFault = { isTotal: false, detail: "the media worker on port 7411 does not start" };
    const { status, text } = await get("/readyz");
    expect([status, text]).toEqual([200, expect.stringMatching("port 7411 does not start")]);
  });

  test("is ready, with an alarm, when the alias file is refused", async () => {
    recorder.aliasFault = "aliases.yaml is not in force: /agents/0/names must name at least one";
    const { status, text } = await get("/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      checks: expect.arrayContaining([{ name: "alias-file", state: "alarm", detail: recorder.aliasFault }]),
    });
  });

  test("is ready, with an alarm, when a desktop has to be looked at, and counts it", async () => {
    const enrol = (device: string) =>
      recorder.registry.enrol({
        ...{ device, osUser: "ann", keyProtection: "os", token: TOKENS.enrollment },
        ...{ publicKey: device, remoteAddress: "127.0.0.1" },
      });
    const [office, home] = [await enrol("PC-1"), await enrol("HOME-PC")];
    for (const { id } of [office, home]) recorder.registry.admit(id, "ann", false);
    const { status, text } = await get("/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      status: "ready",
      checks: expect.arrayContaining([
        {
          name: "desktops",
          state: "alarm",
          detail:
            "1 desktop works and is to be looked at: HOME-PC (ann, second-device). GET /v1/desktops lists them; approve or revoke each",
        },
      ]),
    });
    const metrics = async () => (await get("/metrics")).text.match(/^deskreel_desktops.*$/gm);
    expect(await metrics()).toEqual([
      'deskreel_desktops{state="active"} 2',
      'deskreel_desktops{state="pending"} 0',
      'deskreel_desktops{state="revoked"} 0',
      "deskreel_desktops_in_doubt 1",
    ]);
    await recorder.registry.approve(home.id, "admin");
    expect((await metrics())?.at(-1)).toBe("deskreel_desktops_in_doubt 0");
  });

  test("counts events, recordings and the latency of first frames", async () => {
    await recorder.happens("ringing");
    await recorder.post([]);
    recorder.metrics.observeFirstFrame(420);
    const { text } = await get("/metrics");
    const values = text
      .split("\n")
      .filter((line) => /^deskreel_(call|recordings|ring.*(sum|count))/.test(line));
    expect(values).toEqual([
      'deskreel_call_events_total{outcome="accepted"} 1',
      'deskreel_call_events_total{outcome="duplicate"} 0',
      'deskreel_call_events_total{outcome="ignored"} 0',
      "deskreel_ring_to_first_frame_ms_sum 420",
      "deskreel_ring_to_first_frame_ms_count 1",
      "deskreel_recordings_open 1",
      "deskreel_recordings_waiting_for_handoff 0",
    ]);
  });
});
