import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HandClock, openSignedIn, requestToken, type SignedIn } from "../test-client.ts";
import type { FaultSettingsInput } from "./fault-settings.ts";

let dynamics: SignedIn;
beforeAll(async () => {
  dynamics = await openSignedIn();
});
afterEach(() => dynamics.simulator.faults.clear());
afterAll(() => dynamics[Symbol.asyncDispose]());

const set = (changes: FaultSettingsInput) => dynamics.simulator.faults.set(changes);
const control = (method: string, body?: unknown) =>
  fetch(`${dynamics.simulator.url}/simulator/faults`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });

test.each([
  [
    "too-many-requests",
    "0x80072322",
    "Number of requests exceeded the limit of 6000 over time window of 300",
  ],
  ["too-much-time", "0x80072321", "Combined execution time of incoming requests exceeded limit of 1200000"],
  ["too-many-at-once", "0x80072326", "Number of concurrent requests exceeded the limit of 52"],
] as const)("%s answers 429 with its code and when to come back", async (fault, code, message) => {
  set({ webApi: [{ fault, next: 1, retryAfterS: 7 }] });
  const answer = await dynamics.get("queues");
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "7"]);
  expect(answer.json["error"]).toEqual({ code, message: expect.stringContaining(message) as string });
  expect((await dynamics.get("queues")).status).toBe(200);
});

test.each([
  ["expired", 401, {}],
  [
    "forbidden",
    403,
    { error: { code: "0x80040220", message: expect.stringContaining("privilege") as string } },
  ],
  ["not-found", 404, { error: { code: "0x80040217", message: "The row Does Not Exist" } }],
] as const)("%s answers %i, reading or writing", async (fault, status, json) => {
  set({ webApi: [{ fault }] });
  const answers = [await dynamics.get("queues"), await dynamics.send("POST", "serviceendpoints", {})];
  for (const answer of answers) expect([answer.status, answer.json]).toEqual([status, json]);
});

test("unavailable answers 503 with a page that is no JSON", async () => {
  set({ webApi: [{ fault: "unavailable", retryAfterS: 3 }] });
  const { url } = dynamics.simulator;
  const { access_token: token } = (await (await requestToken(dynamics.simulator)).json()) as {
    access_token: string;
  };
  const answer = await fetch(`${url}/api/data/v9.2/queues`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect([answer.status, answer.headers.get("Retry-After"), answer.headers.get("Content-Type")]).toEqual([
    503,
    "3",
    "text/html; charset=utf-8",
  ]);
  expect(await answer.text()).toContain("services aren't available");
});

test("a torn answer promises its whole length and breaks off in the middle", async () => {
  const whole = JSON.stringify((await dynamics.get("sdkmessages")).json);
  set({ webApi: [{ fault: "torn", path: "sdkmessages" }] });
  await expect(dynamics.get("sdkmessages")).rejects.toThrow("terminated");
  // The row was written all the same: its writer cannot know.
  set({ webApi: [{ fault: "torn", method: "POST" }] });
  const endpoint = { name: "torn", url: "https://contoso.com/", contract: 8, authtype: 4, authvalue: "k" };
  await expect(dynamics.send("POST", "serviceendpoints", endpoint)).rejects.toThrow("fetch failed");
  set({ webApi: [] });
  const { json } = await dynamics.get("serviceendpoints?$select=name");
  expect(json["value"]).toMatchObject([{ name: "torn" }]);
  expect(JSON.stringify((await dynamics.get("sdkmessages")).json)).toBe(whole);
});

test("a slow answer comes whole, and not before its time; others overtake it", async () => {
  set({ webApi: [{ fault: "slow", next: 1, delayMs: 300 }] });
  const order: string[] = [];
  const slow = dynamics.get("queues?$top=1").then(({ status }) => order.push(`slow ${status}`));
  await expect.poll(() => dynamics.simulator.faults.settings.webApi).toEqual([]);
  await dynamics.get("queues?$top=2").then(({ status }) => order.push(`quick ${status}`));
  await slow;
  expect(order).toEqual(["quick 200", "slow 200"]);
});

test("the token endpoint refuses, is unavailable, breaks off", async () => {
  set({
    token: [
      { fault: "invalid-secret", next: 1 },
      { fault: "unavailable", next: 1 },
      { fault: "torn", next: 1 },
    ],
  });
  const refused = await requestToken(dynamics.simulator);
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { error: "invalid_client", error_codes: [7000215] },
  ]);
  expect((await requestToken(dynamics.simulator)).status).toBe(503);
  await expect(requestToken(dynamics.simulator).then((answer) => answer.text())).rejects.toThrow(
    "terminated",
  );
  expect((await requestToken(dynamics.simulator)).status).toBe(200);
});

test("requests are counted over the window, and refused beyond the limit until the oldest leave it", async () => {
  const clock = new HandClock(Date.UTC(2026, 2, 2, 10));
  await using own = await openSignedIn({ clock, faults: { limits: { requests: 3, windowS: 10 } } });
  const remaining: (string | null)[] = [];
  for (const _ of [1, 2, 3]) {
    const { headers } = await own.get("queues");
    remaining.push(headers.get("x-ms-ratelimit-burst-remaining-xrm-requests"));
    clock.at += 1_000;
  }
  expect(remaining).toEqual(["2", "1", "0"]);
  const refused = await own.get("queues");
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "7"]);
  expect(refused.json["error"]).toMatchObject({ code: "0x80072322" });
  clock.at += 7_000;
  expect((await own.get("queues")).status).toBe(200);
  expect((await own.get("queues")).status).toBe(429);
});

test("more requests at the same time than the limit are refused until one is answered", async () => {
  await using own = await openSignedIn({
    faults: { limits: { atOnce: 2 }, webApi: [{ fault: "slow", next: 2, delayMs: 500 }] },
  });
  const slow = [own.get("queues"), own.get("queues")];
  await expect.poll(() => own.simulator.faults.settings.webApi).toEqual([]);
  const refused = await own.get("queues");
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "1"]);
  expect(refused.json["error"]).toMatchObject({ code: "0x80072326" });
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await own.get("queues")).status).toBe(200);
});

test("the Date header is the simulator's time, and its skew", async () => {
  const clock = new HandClock(Date.UTC(2026, 2, 2, 10));
  await using own = await openSignedIn({ clock });
  expect((await own.get("queues")).headers.get("Date")).toBe("Mon, 02 Mar 2026 10:00:00 GMT");
  own.simulator.faults.set({ dateSkewMs: 90_000 });
  expect((await own.get("queues")).headers.get("Date")).toBe("Mon, 02 Mar 2026 10:01:30 GMT");
});

test("labels can be German", async () => {
  set({ language: "de" });
  const { json } = await dynamics.get("msdyn_presences?$select=msdyn_basepresencestatus&$top=1", {
    Prefer: 'odata.include-annotations="*"',
  });
  expect(json["value"]).toMatchObject([
    { "msdyn_basepresencestatus@OData.Community.Display.V1.FormattedValue": expect.any(String) as string },
  ]);
  expect(JSON.stringify(json)).toMatch(/Verfügbar|Abwesend|Beschäftigt|Offline/);
});

test("the faults are told, changed and cleared over HTTP", async () => {
  const changed = await control("POST", { webhooks: { loss: 0.25 } });
  expect([changed.status, await changed.json()]).toMatchObject([
    200,
    { webhooks: { loss: 0.25, duplicate: 0 } },
  ]);
  expect(await (await control("GET")).json()).toMatchObject({ webhooks: { loss: 0.25 } });
  const refused = await control("POST", { webhooks: { loss: 7 }, colour: "red" });
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
    "/webhooks/loss",
    "/colour",
  ]);
  expect(await (await control("DELETE")).json()).toMatchObject({ webhooks: { loss: 0 } });
});
