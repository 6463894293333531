import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { join } from "node:path";
import Database from "better-sqlite3";
import { TestRecorder, TOKENS } from "../testing/test-recorder.ts";

interface Problem {
  status: number;
  detail: string;
  errors: { path: string; message: string }[];
}

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

describe("POST /v1/call-events", () => {
  test("takes one event or an array, and counts each event once", async () => {
    const ring = recorder.event("ringing");
    expect(await recorder.post(ring)).toMatchObject({
      status: 202,
      body: { accepted: 1, duplicates: 0, ignored: [] },
    });
    const free = recorder.event("agent-available", { agent: "bob", callSessionId: undefined });
    const answer = await recorder.post([ring, recorder.event("connected"), free, free]);
    expect(answer.body).toEqual({
      accepted: 1,
      duplicates: 2,
      ignored: [{ id: free["id"], reason: "the agent has no open recording that this could end" }],
    });
  });

  test("keeps the first of several events with one id", async () => {
    const ring = recorder.event("ringing");
    await recorder.post([ring, { ...ring, type: "connected" }]);
    await recorder.post({ ...ring, type: "not-responding", agent: "bob" });
    expect((await recorder.recordings()).map(({ agent, phase }) => [agent, phase])).toEqual([
      ["ann", "provisional"],
    ]);
  });

  test("says what it ignored of a not-responding for a kept call, and goes on", async () => {
    await recorder.happens("connected");
    recorder.clock.advance(5);
    const late = recorder.event("not-responding");
    expect((await recorder.post(late)).body).toEqual({
      accepted: 0,
      duplicates: 0,
      ignored: [{ id: late["id"], reason: "a kept recording is never deleted by an event" }],
    });
    expect(recorder.capture.running.length).toBe(1);
  });

  test("orders the capture before it answers", async () => {
    await recorder.post(recorder.event("ringing", { attributes: { customer: "+1", queue: "Billing" } }));
    const now = recorder.clock.now();
    expect(recorder.capture.orders).toEqual([
      {
        recordingId: expect.any(String),
        agent: "ann",
        callSessionId: "s1",
        startedAt: now,
        orderedAt: now,
        stopNoLaterThan: now + 28_800_000,
        attributes: { customer: "+1", queue: "Billing" },
      },
    ]);
  });

  test("names every faulty field by JSON Pointer, and stores nothing of the body", async () => {
    const events = [recorder.event("ringing"), { ...recorder.event("rang"), at: "10:02", shift: 1 }, 7];
    const answer = await recorder.post<Problem>(events);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toMatch("application/problem+json");
    expect(answer.body.errors.map((error) => error.path)).toEqual(["/1/type", "/1/at", "/1/shift", "/2"]);
    expect(await recorder.recordings()).toEqual([]);
    const single = await recorder.post<Problem>({ ...recorder.event("ringing"), callSessionId: "a b" });
    expect(single.body.errors.map((error) => error.path)).toEqual(["/callSessionId"]);
  });

  test.each([
    ["broken JSON", "{", 400],
    ["a body above 1 MiB", JSON.stringify({ id: "x".repeat(1_048_576) }), 413],
    ["1001 events", JSON.stringify(Array.from({ length: 1_001 }, () => 0)), 413],
  ])("refuses %s", async (_, body, status) => {
    expect((await recorder.post<Problem>(body)).body).toMatchObject({ status });
  });

  test("refuses bodies that are not JSON, and an empty one", async () => {
    const text = { "Content-Type": "text/plain" };
    expect((await recorder.call("integration", "POST", "/v1/call-events", "{}", text)).status).toBe(415);
    expect((await recorder.post("")).status).toBe(400);
  });

  test("takes 1000 events at once, and an empty list", async () => {
    const events = Array.from({ length: 1_000 }, (_, index) =>
      recorder.event("ringing", { agent: `agent-${index}` }),
    );
    expect((await recorder.post<{ accepted: number }>(events)).body.accepted).toBe(1_000);
    expect((await recorder.post([])).body).toEqual({ accepted: 0, duplicates: 0, ignored: [] });
  });

  test("answers 401 without or with an unknown token and 403 with another scope's, before it reads the body", async () => {
    const path = "/v1/call-events";
    const unknown = { Authorization: "Bearer unknown-token-000000" };
    expect((await recorder.call(null, "POST", path, "{")).status).toBe(401);
    expect((await recorder.call(null, "POST", path, "{", unknown)).status).toBe(401);
    expect((await recorder.call("admin", "POST", path, "{")).status).toBe(403);
    expect((await recorder.call("webhookKey", "POST", path, "{")).status).toBe(401);
  });

  test("answers 503 when the events cannot be stored, and takes them again afterwards", async () => {
    const ring = recorder.event("ringing");
    // What SQLite throws when the disk is full; filling a real disk is not for a test.
    const full = new Database.SqliteError("database or disk is full", "SQLITE_FULL");
    recorder.buffer.commit = () => Promise.reject(full);
    expect((await recorder.post<Problem>(ring)).body).toMatchObject({ status: 503 });
    await recorder.stop();
    await recorder.start();
    expect((await recorder.post(ring)).body).toEqual({ accepted: 1, duplicates: 0, ignored: [] });
  });
});

test("a catalogue that somebody else has locked is 503 for events, and a running call goes on", async () => {
  await recorder.happens("connected");
  const end = recorder.event("agent-available");
  const locker = new Database(join(recorder.folder, "catalog.db"));
  locker.exec("BEGIN IMMEDIATE");
  expect((await recorder.post<Problem>(end)).body).toMatchObject({ status: 503 });
  expect(await recorder.recordings()).toMatchObject([{ phase: "kept", endedAt: null }]);
  expect(recorder.capture.ends).toEqual([]);
  locker.exec("COMMIT");
  locker.close();
  recorder.clock.advance(1);
  expect((await recorder.post(recorder.event("agent-available"))).body).toMatchObject({ accepted: 1 });
  expect(recorder.capture.ends).toHaveLength(1);
});

test("a request for another host name is misdirected", async () => {
  const { port } = new URL(recorder.url);
  const ask = async (host: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { get } = await import("node:http");
    const headers = { host, authorization: `Bearer ${TOKENS.admin}` };
    get({ port, host: "127.0.0.1", path: "/v1/recordings", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).once("error", reject);
    return promise;
  };
  expect(await Promise.all([ask("recorder.test"), ask("localhost:1"), ask("evil.test")])).toEqual([
    200, 200, 421,
  ]);
});
