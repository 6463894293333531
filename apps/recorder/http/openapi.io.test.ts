import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ApiDocument,
  callsOf,
  faultsIn,
  faultsOfAnswer,
  routesOf,
} from "#shared/http/testing/api-check.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
let document: ApiDocument;
beforeAll(async () => {
  recorder = await TestRecorder.open();
  document = (await (await fetch(`${recorder.opsUrl}/openapi.json`)).json()) as ApiDocument;
});
afterAll(() => recorder[Symbol.asyncDispose]());

test("the document is OpenAPI 3.1, and has every route that there is and no other", async () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(await faultsIn(document)).toBe("");
  expect(callsOf(document)).toEqual(recorder.apps.flatMap(routesOf).toSorted());
  // A document with a fault has one, or nothing has been proven.
  expect(await faultsIn({ ...document, info: {} })).not.toBe("");
});

test("real answers are as the document says", async () => {
  await recorder.happens("ringing", 0, { attributes: { customer: "+1425" } });
  await recorder.happens("connected", 1);
  const start = Date.UTC(2026, 2, 2, 10);
  await recorder.addSegment((await recorder.onlyRecording()).id, start, 1_000);
  recorder.desktops.push({
    agent: "ann",
    desktops: [
      {
        ...{ device: "PC-1", state: "idle", appVersion: "0.1.0", since: start, figures: null },
        displays: [{ id: "1", width: 1_920, height: 1_080, scale: 1, primary: true }],
      },
    ],
  });
  const ask = async (
    token: "admin" | "adapter" | "integration",
    method: string,
    path: string,
    body?: unknown,
    described = path,
  ) => {
    const { status, body: answer, headers } = await recorder.call(token, method, path, body);
    const type = headers.get("content-type")?.split(";")[0] ?? "";
    const faults = faultsOfAnswer(
      document,
      { method: method.toLowerCase(), path: described, status, type },
      answer,
    );
    return `${status} ${faults}`;
  };
  const id = (await recorder.onlyRecording()).id;
  const pause = "/v1/agents/{agent}/pause";
  expect([
    await ask("integration", "POST", "/v1/call-events", recorder.event("on-hold")),
    await ask("integration", "POST", "/v1/call-events", { id: 1 }),
    await ask("adapter", "GET", "/v1/live"),
    await ask("admin", "GET", "/v1/live"),
    await ask("admin", "GET", "/v1/agents"),
    await ask("admin", "POST", "/v1/agents/ann/pause", { reason: "card" }, pause),
    await ask("admin", "POST", "/v1/agents/nobody/pause", { reason: "card" }, pause),
    await ask("admin", "GET", "/v1/recordings"),
    await ask("admin", "GET", `/v1/recordings/${id}`, undefined, "/v1/recordings/{id}"),
    await ask("admin", "GET", "/v1/coverage"),
    await ask("admin", "GET", "/v1/desktops"),
    await ask("admin", "POST", "/v1/enrollment-tokens", {}),
    await ask("adapter", "POST", "/v1/handoff/lease", { adapter: "a" }),
  ]).toEqual([202, 400, 200, 403, 200, 200, 404, 200, 200, 200, 200, 201, 200].map((status) => `${status} `));
  // An answer that is wrong is found to be, or nothing has been proven.
  const call = { method: "get", path: "/v1/live", status: 200 };
  expect(faultsOfAnswer(document, call, { at: 1 })).not.toBe("");
});
