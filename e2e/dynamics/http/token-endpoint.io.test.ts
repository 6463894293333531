import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { type DynamicsSimulator, startDynamics } from "../simulator.ts";
import { HandClock, openSignedIn, requestToken } from "../test-client.ts";

let simulator: DynamicsSimulator;
beforeAll(async () => {
  simulator = await startDynamics({ log: silentLog() });
});
afterAll(() => simulator[Symbol.asyncDispose]());

test("the right credentials get a bearer token that says how long it is valid", async () => {
  const response = await requestToken(simulator);
  const body: unknown = await response.json();
  expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store, no-cache"]);
  expect(body).toEqual({
    token_type: "Bearer",
    expires_in: 3599,
    ext_expires_in: 3599,
    access_token: expect.stringMatching(/^sim\.[\w-]{64}$/) as string,
  });
});

test.each([
  ["another tenant", { tenant: "contoso.com" }, 400, "invalid_request", 90002],
  ["no grant type", { form: { grant_type: null } }, 400, "invalid_request", 900144],
  ["no client id", { form: { client_id: null } }, 400, "invalid_request", 900144],
  ["another grant type", { form: { grant_type: "password" } }, 400, "unsupported_grant_type", 70003],
  ["an unknown client", { form: { client_id: "somebody" } }, 400, "unauthorized_client", 700016],
  ["no secret", { form: { client_secret: null } }, 401, "invalid_client", 7000218],
  ["a wrong secret", { form: { client_secret: "wrong" } }, 401, "invalid_client", 7000215],
  [
    "a scope without /.default",
    { form: { scope: "https://contoso.crm.dynamics.com/user" } },
    400,
    "invalid_scope",
    1002012,
  ],
  [
    "another environment's scope",
    { form: { scope: "https://contoso.crm.dynamics.com/.default" } },
    400,
    "invalid_resource",
    500011,
  ],
])("%s is refused in Entra's form", async (_case, changes, status, error, number) => {
  const response = await requestToken(simulator, changes);
  const body = (await response.json()) as Record<string, unknown>;
  expect([response.status, body["error"], body["error_codes"]]).toEqual([status, error, [number]]);
  expect(body["error_description"]).toMatch(
    new RegExp(`^AADSTS${number}: .+ Trace ID: .+ Correlation ID: .+ Timestamp: `),
  );
  expect(Object.keys(body).sort()).toEqual([
    "correlation_id",
    "error",
    "error_codes",
    "error_description",
    "timestamp",
    "trace_id",
  ]);
});

test("a token opens the Web API until its lifetime is over", async () => {
  const clock = new HandClock(Date.UTC(2026, 2, 2, 10));
  await using dynamics = await openSignedIn({ clock, tokenLifetimeS: 60 });
  clock.at += 59_999;
  expect((await dynamics.get("queues")).status).toBe(200);
  clock.at += 1;
  const late = await dynamics.get("queues");
  expect([late.status, late.json]).toEqual([401, {}]);
  expect(late.headers.get("WWW-Authenticate")).toMatch(/^Bearer authorization_uri=.+, error=invalid_token$/);
});

test("tokens can be made invalid at once, and new ones are good", async () => {
  await using dynamics = await openSignedIn();
  dynamics.simulator.expireTokens();
  expect((await dynamics.get("queues")).status).toBe(401);
  const { access_token: fresh } = (await (await requestToken(dynamics.simulator)).json()) as {
    access_token: string;
  };
  expect((await dynamics.get("queues", { Authorization: `Bearer ${fresh}` })).status).toBe(200);
});

test.each([
  ["no token", {}],
  ["an unknown token", { Authorization: "Bearer made-up" }],
  ["another scheme", { Authorization: "Basic YTpi" }],
])("%s opens nothing", async (_case, headers) => {
  const response = await fetch(`${simulator.url}/api/data/v9.2/queues`, { headers });
  expect([response.status, await response.text()]).toEqual([401, ""]);
});
