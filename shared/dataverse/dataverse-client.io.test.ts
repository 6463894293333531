import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { listenHttp } from "#shared/http/listen.ts";
import { openUnacceptingHost } from "#shared/http/testing/unaccepting-host.ts";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { type Clock, WallClock } from "#shared/time/wall-clock.ts";
import { DataverseClient, type DataverseClientOptions } from "./dataverse-client.ts";
import { askedPauseMs } from "./dataverse-error.ts";

const { signal } = new AbortController();
const ROW = z.object({ name: z.string() });
const ID = "b1000000-0000-4000-8000-00000000000a";

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** The connection ends in the middle of the body. */
  torn?: boolean;
}

interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

interface EnvironmentOptions extends DataverseClientOptions {
  clock?: Clock;
  /** Where the client is told to ask instead. */
  hosts?: { url?: string; authority?: string };
}

/** An environment that gives out tokens and answers the rest as told (null = hangs up); what it was asked is in `asked`. */
async function openEnvironment(
  answer: (asked: Asked) => Answer | null | Promise<Answer>,
  { clock = new WallClock(), hosts, ...options }: EnvironmentOptions = {},
) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-dataverse-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const asked: Asked[] = [];
  let tokens = 0;
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.endsWith("/oauth2/v2.0/token")) {
      tokens += 1;
      response.end(`{"access_token":"token-${tokens}","expires_in":3599}`);
      return;
    }
    const { method = "", url: path = "", headers } = request;
    const seen = { method, path: path.replace("/api/data/v9.2/", ""), headers, body: await text(request) };
    asked.push(seen);
    const given = await answer(seen);
    if (given === null) return response.destroy();
    const { status = 200, headers: answered = {}, body = "", torn = false } = given;
    if (!torn) return response.writeHead(status, answered).end(body);
    response.writeHead(status, { ...answered, "Content-Length": String(body.length + 100) });
    return response.write(body, () => response.destroy());
  };
  const listener = opened.use(
    await listenHttp("an environment", { host: "127.0.0.1", port: 0 }, (request, response) => {
      void onRequest(request, response);
    }),
  );
  const clientSecretFile = join(folder, "secret");
  await writeFile(clientSecretFile, "a secret");
  const section = { url: listener.url, authority: listener.url, tenantId: "t", clientId: "c", ...hosts };
  const { dynamics } = configSchema(folder).parse({ dynamics: { ...section, clientSecretFile } });
  if (dynamics === undefined) throw new Error("the section is there");
  const client = new DataverseClient(dynamics, clock, options);
  const owned = opened.move();
  return { client, asked, tokens: () => tokens, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const RIGHT: Answer = { body: '{"name":"right"}' };

function refusal(status: number, code: string, retryAfterS?: number): Answer {
  return {
    status,
    headers: retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) },
    body: JSON.stringify({ error: { code, message: "not now" } }),
  };
}

test.each([
  ["too many requests", 429, "0x80072322"],
  ["too much execution time", 429, "0x80072321"],
  ["too many requests at once", 429, "0x80072326"],
  ["a server that is away", 503, "0x80060891"],
])(
  "%s is told with the pause that is asked for, and nothing is sent before its end",
  async (_, status, code) => {
    await using environment = await openEnvironment(() => refusal(status, code, 7));
    const { client, asked } = environment;
    await expect(client.read("a", ROW, signal)).rejects.toMatchObject({ status, code });
    const again = await client.read("b", ROW, signal).catch((error: unknown) => error);
    expect(again).toMatchObject({ status, code });
    const leftMs = askedPauseMs(again) ?? 0;
    expect(leftMs > 0 && leftMs <= 7_000).toBe(true);
    expect(asked.map(({ path }) => path)).toEqual(["a"]);
  },
);

test("a refusal without Retry-After is told at once and keeps nobody else waiting", async () => {
  const answers = [refusal(429, "0x80072322"), { status: 503, body: "<html>down</html>" }, RIGHT];
  await using environment = await openEnvironment(() => answers.shift() ?? {});
  const { client } = environment;
  await expect(client.read("a", ROW, signal)).rejects.toMatchObject({ status: 429, retryAfterMs: null });
  await expect(client.read("b", ROW, signal)).rejects.toMatchObject({ code: "HTTP_STATUS", status: 503 });
  expect(await client.read("c", ROW, signal)).toEqual({ name: "right" });
});

test.each([
  ["seconds", { "Retry-After": "7" }],
  [
    "a date, by the server's clock",
    {
      Date: "Mon, 02 Mar 2026 12:00:00 GMT",
      "Retry-After": "Mon, 02 Mar 2026 12:00:07 GMT",
    },
  ],
])("`Retry-After` in %s is understood", async (_, headers) => {
  await using environment = await openEnvironment(() => ({ status: 503, headers }));
  await expect(environment.client.read("a", ROW, signal)).rejects.toMatchObject({ retryAfterMs: 7_000 });
});

test("a date of `Retry-After` that is over asks for no longer pause than 0 does", async () => {
  const headers = { Date: "Mon, 02 Mar 2026 12:00:00 GMT", "Retry-After": "Mon, 02 Mar 2026 11:00:00 GMT" };
  await using environment = await openEnvironment(() => ({ status: 503, headers }));
  await expect(environment.client.read("a", ROW, signal)).rejects.toMatchObject({ retryAfterMs: 1_000 });
});

test("a patient client asks again after the pause, writes too, each as it was", async () => {
  const answers = [refusal(429, "0x80072322", 1), { status: 204, headers: { "OData-EntityId": `x(${ID})` } }];
  await using environment = await openEnvironment(() => answers.shift() ?? {}, { patienceMs: 20_000 });
  const { client, asked } = environment;
  expect(await client.create("things", { name: "one" }, signal)).toBe(ID);
  expect(asked.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
    'POST things {"name":"one"}',
    'POST things {"name":"one"}',
  ]);
});

test("`Retry-After: 0` is a pause too, so that patience runs out", async () => {
  await using environment = await openEnvironment(() => refusal(503, "0x80060891", 0), { patienceMs: 1_000 });
  await expect(environment.client.read("a", ROW, signal)).rejects.toMatchObject({ status: 503 });
  expect(environment.asked).toHaveLength(2);
});

test("a pause longer than the patience is told, not waited for", async () => {
  await using environment = await openEnvironment(() => refusal(429, "0x80072322", 300), {
    patienceMs: 1_000,
  });
  await expect(environment.client.read("a", ROW, signal)).rejects.toMatchObject({ status: 429 });
  expect(environment.asked).toHaveLength(1);
});

test("a pause ends with the signal", async () => {
  await using environment = await openEnvironment(() => refusal(429, "0x80072322", 60), {
    patienceMs: 90_000,
  });
  const end = new AbortController();
  const attempt = environment.client.read("a", ROW, end.signal);
  while (environment.asked.length === 0) await sleep(5);
  end.abort();
  await expect(attempt).rejects.toMatchObject({ code: "NO_ANSWER" });
});

test("a refused token is renewed once; refused again, that is told", async () => {
  await using environment = await openEnvironment(({ headers }) =>
    headers.authorization === "Bearer token-2" ? RIGHT : { status: 401 },
  );
  const { client, asked, tokens } = environment;
  expect(await client.read("a", ROW, signal)).toEqual({ name: "right" });
  expect([asked.length, tokens()]).toEqual([2, 2]);
  await using closed = await openEnvironment(() => ({ status: 401 }));
  await expect(closed.client.read("a", ROW, signal)).rejects.toMatchObject({ status: 401 });
  expect([closed.asked.length, closed.tokens()]).toEqual([2, 2]);
});

test.each<[string, Answer, RegExp]>([
  ["breaks off", { body: '{"name":"ri', torn: true }, /broke off or is not JSON/],
  ["is a proxy's page", { body: "<html>sign in</html>" }, /broke off or is not JSON/],
  ["is empty", {}, /broke off or is not JSON/],
  ["has another form", { body: '{"name":7}' }, /unknown form/],
])("an answer that %s is told as such", async (_, answer, words) => {
  await using environment = await openEnvironment(() => answer);
  const error = await environment.client.read("a?$filter=x", ROW, signal).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "BAD_ANSWER", status: 200 });
  expect(String(error)).toMatch(words);
});

test.each(["https://elsewhere.example/next", "next"])("the next page %j is not followed", async (link) => {
  await using environment = await openEnvironment(() => ({
    body: JSON.stringify({ value: [], "@odata.nextLink": link }),
  }));
  await expect(environment.client.readAll("things", ROW, signal)).rejects.toThrow(/at another host/);
});

test("a connection that ends without an answer is told as such, and nothing is sent again", async () => {
  await using environment = await openEnvironment(() => null);
  const { client, asked } = environment;
  await expect(client.create("things", {}, signal)).rejects.toMatchObject({
    code: "NO_ANSWER",
    status: null,
  });
  expect(asked).toHaveLength(1);
});

test("a host that takes no connection is given up after 10 s, and told with its address and what to see to", async () => {
  await using dead = await openUnacceptingHost();
  const url = `http://${dead.host}`;
  await using noApi = await openEnvironment(() => RIGHT, { hosts: { url } });
  await using noTokens = await openEnvironment(() => RIGHT, { hosts: { authority: url } });
  // By nothing else: a file is read without a limit for the whole request.
  const bytes = noApi.client.readBytes({ path: "a/file?sig=secret" }, signal, (answer) => answer.text());
  const errors = await Promise.all(
    [bytes, noTokens.client.read("a", ROW, signal)].map((asked) => asked.catch((error: unknown) => error)),
  );
  expect(errors.map((error) => describeError(error))).toEqual([
    expect.stringMatching(told(dead.host, "/api/data/v9.2/a/file")),
    expect.stringMatching(told(dead.host, "/t/oauth2/v2.0/token")),
  ]);
  expect(errors).toMatchObject([
    { code: "NO_ANSWER", status: null },
    { code: "NO_ANSWER", status: null },
  ]);
});

/** What is told of a host that cannot be reached, and by undici of the time. */
function told(host: string, path: string): RegExp {
  return new RegExp(
    `^no connection to ${host} for http://${host}${path}; see that .* firewall .*timeout: 10000ms`,
  );
}

test.each([
  ["a port where nobody listens", "http://localhost:2", /^no connection to localhost:2 for .*ECONNREFUSED/],
  [
    "a name that nobody has",
    "https://host.invalid",
    /^no connection to host.invalid:443 for .*host.invalid$/,
  ],
])("%s is told at once as a host that cannot be reached", async (_, url, words) => {
  await using environment = await openEnvironment(() => RIGHT, { hosts: { authority: url } });
  const error = await environment.client.read("a", ROW, signal).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "NO_ANSWER", status: null });
  expect(describeError(error)).toMatch(words);
});

test("many requests share one token and are sent eight at a time, in their order", async () => {
  let running = 0;
  let most = 0;
  const eight = Promise.withResolvers<void>();
  await using environment = await openEnvironment(async () => {
    running += 1;
    most = Math.max(most, running);
    if (running === 8) eight.resolve();
    // None is answered before eight are there; a ninth has time to come.
    await eight.promise;
    await sleep(50);
    running -= 1;
    return RIGHT;
  });
  const { client, asked, tokens } = environment;
  const gone = new AbortController();
  const reads = Array.from({ length: 40 }, (_, index) =>
    client.read(`row-${index}`, ROW, index === 20 ? gone.signal : signal),
  );
  gone.abort();
  const outcomes = await Promise.allSettled(reads);
  expect(outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([20]);
  expect([most, tokens(), asked.length]).toEqual([8, 1, 39]);
  const first = asked.slice(0, 8).map(({ path }) => path);
  expect(new Set(first)).toEqual(new Set(Array.from({ length: 8 }, (_, index) => `row-${index}`)));
});

test("a row is added with its id told, changed only if it is there, removed once", async () => {
  let removals = 0;
  await using environment = await openEnvironment(({ method }) => {
    if (method === "POST")
      return { status: 204, headers: { "OData-EntityId": `https://x/things(${ID.toUpperCase()})` } };
    if (method === "PATCH") return { status: 204 };
    removals += 1;
    return removals === 1 ? { status: 204 } : refusal(404, "0x80040217");
  });
  const { client, asked } = environment;
  expect(await client.create("things", { name: "one" }, signal)).toBe(ID);
  await client.update(`things(${ID})`, { name: "two" }, signal);
  expect(await client.remove(`things(${ID})`, signal)).toBe(true);
  expect(await client.remove(`things(${ID})`, signal)).toBe(false);
  expect(asked.map(({ method, path, headers, body }) => [method, path, headers["if-match"], body])).toEqual([
    ["POST", "things", undefined, '{"name":"one"}'],
    ["PATCH", `things(${ID})`, "*", '{"name":"two"}'],
    ["DELETE", `things(${ID})`, undefined, ""],
    ["DELETE", `things(${ID})`, undefined, ""],
  ]);
});

test("a new row whose id is not told is told as such", async () => {
  await using environment = await openEnvironment(() => ({ status: 204 }));
  await expect(environment.client.create("things", {}, signal)).rejects.toMatchObject({ code: "BAD_ANSWER" });
});

test("each answer tells how far the environment's clock is ahead", async () => {
  const now = Date.UTC(2026, 2, 2, 12, 0, 0, 500);
  const answers = [
    { ...RIGHT, headers: { Date: "Mon, 02 Mar 2026 12:00:03 GMT" } },
    { ...RIGHT, headers: { Date: "Mon, 02 Mar 2026 11:59:58 GMT" } },
  ];
  await using environment = await openEnvironment(() => answers.shift() ?? {}, { clock: { now: () => now } });
  const { client } = environment;
  const offsets = [client.clockOffsetMs];
  for (const path of ["a", "b"]) {
    await client.read(path, ROW, signal);
    offsets.push(client.clockOffsetMs);
  }
  expect(offsets).toEqual([null, 3_000, -2_000]);
});

test("rows that are read with their date are as of when the first page was asked for, by the environment", async () => {
  const date = "Mon, 02 Mar 2026 12:00:03 GMT";
  await using environment = await openEnvironment(async ({ path, headers }) => {
    await sleep(20);
    if (path !== "things")
      return { headers: { Date: "Mon, 02 Mar 2026 13:00:00 GMT" }, body: '{"value":[{"name":"two"}]}' };
    const next = `http://${headers.host}/next`;
    return {
      headers: { Date: date },
      body: JSON.stringify({ value: [{ name: "one" }], "@odata.nextLink": next }),
    };
  });
  const { rows, readAt } = await environment.client.readAllDated("things", ROW, signal);
  expect(rows.map(({ name }) => name)).toEqual(["one", "two"]);
  const earlierMs = Date.parse(date) - readAt;
  expect(earlierMs >= 20 && earlierMs < 60_000).toBe(true);
});

test("rows without a date are no rows as of then", async () => {
  await using environment = await openEnvironment(() => ({ headers: { Date: "" }, body: '{"value":[]}' }));
  await expect(environment.client.readAllDated("things", ROW, signal)).rejects.toThrow(/Date header/);
});
