import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { listFile } from "./rig/made-media.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS, VIEWER } from "./rig/replay-rig.ts";
import { createReplayApp } from "./server.ts";

const FILE = Buffer.from("0123456789abcdef");
const logged: string[] = [];
let pageFolder: string;
let rig: ReplayRig;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), `<!-- ${name} -->`);
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  rig = await openReplayRig({ pageFolder, allowedHosts: ["replay.contoso.com"], log });
  await writeFile(join(rig.folder, "screen-1.mp4"), FILE);
  await writeFile(join(rig.folder, "unlisted.txt"), "nobody may see this");
  rig.catalogue.put(
    madeInteraction("call-1", {
      screens: [madeScreen("screen-1.mp4", 0, 12_000)],
      files: [
        await listFile(rig.folder, "screen-1.mp4"),
        { name: "lost.m4a", bytes: 5, sha256: "0".repeat(64) },
      ],
    }),
    MADE_PLACE,
  );
  const later = "2026-03-02T11:00:00.000Z";
  rig.catalogue.put(madeInteraction("call-2", { startedAt: later, coverage: "partial" }), MADE_PLACE);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

async function ask(path: string, init: RequestInit = { headers: VIEWER }) {
  const response = await fetch(`${rig.url}${path}`, { redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The status that a request gets whose path or host fetch itself would not send. */
async function askRaw(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(rig.url, { path, headers: { ...VIEWER, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

const fileAt = (headers: Record<string, string>, method = "GET") =>
  ask("/v1/interactions/call-1/files/screen-1.mp4", { method, headers: { ...VIEWER, ...headers } });

function idsOf(text: string): string[] {
  return (JSON.parse(text) as { items: { interactionId: string }[] }).items.map((item) => item.interactionId);
}

function faultyFields(text: string): string[] {
  return (JSON.parse(text) as { errors: { path: string }[] }).errors.map(({ path }) => path).toSorted();
}

test("a list has the manifests without events, files and the screens' coverage, newest first", async () => {
  const { status, text } = await ask("/v1/interactions");
  expect(status).toBe(200);
  const { coverage: _coverage, ...screen } = madeScreen("screen-1.mp4", 0, 12_000);
  const { events: _events, files: _files, ...summary } = madeInteraction("call-1");
  const page = JSON.parse(text) as { items: unknown[]; cursor: null };
  expect(idsOf(text)).toEqual(["call-2", "call-1"]);
  expect(page.items[1]).toEqual({ ...summary, screens: [screen] });
  expect(page.cursor).toBeNull();
});

test("filters narrow the list, a cursor continues it", async () => {
  expect(idsOf((await ask("/v1/interactions?coverage=partial&q=billing&minDurationMs=1000")).text)).toEqual([
    "call-2",
  ]);
  expect(idsOf((await ask("/v1/interactions?to=2026-03-02T10:30:00Z")).text)).toEqual(["call-1"]);
  expect(idsOf((await ask("/v1/interactions?queue=Sales")).text)).toEqual([]);
  const { cursor } = JSON.parse((await ask("/v1/interactions?limit=1")).text) as { cursor: string };
  expect(idsOf((await ask(`/v1/interactions?limit=1&cursor=${cursor}`)).text)).toEqual(["call-1"]);
});

test("a bad query is refused with every faulty filter's name", async () => {
  const { status, headers, text } = await ask("/v1/interactions?coverage=good&limit=0&sort=up");
  expect(status).toBe(400);
  expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  expect(faultyFields(text)).toEqual(["/coverage", "/limit", "/sort"]);
  expect(faultyFields((await ask("/v1/interactions?cursor=x")).text)).toEqual(["/cursor"]);
});

test("an interaction is its manifest with flags, whatever the case of its id", async () => {
  const { status, text } = await ask("/v1/interactions/CALL-1");
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    ...rig.catalogue.get("call-1")?.manifest,
    flags: { legalHold: false },
  });
  expect((await ask("/v1/interactions/call-9")).status).toBe(404);
});

test("a file is sent whole, with its hash as ETag and the type of its name", async () => {
  const { status, headers, text } = await fileAt({});
  expect([status, text]).toEqual([200, FILE.toString()]);
  const { sha256 } = await listFile(rig.folder, "screen-1.mp4");
  expect(Object.fromEntries(headers)).toMatchObject({
    "content-type": "video/mp4",
    "content-length": "16",
    "accept-ranges": "bytes",
    etag: `"${sha256}"`,
    "cache-control": "private, no-cache",
  });
  // Not by fetch, which adds `Cache-Control: no-cache` and so asks for the whole file.
  const known = { "If-None-Match": `"${sha256}"` };
  expect(await askRaw("/v1/interactions/call-1/files/screen-1.mp4", known)).toBe(304);
});

test("HEAD answers like GET, without the bytes", async () => {
  const { status, headers, text } = await fileAt({}, "HEAD");
  expect([status, headers.get("content-length"), text]).toEqual([200, "16", ""]);
});

test.each([
  ["bytes=2-5", 206, "bytes 2-5/16", "2345"],
  ["bytes=10-", 206, "bytes 10-15/16", "abcdef"],
  ["bytes=-3", 206, "bytes 13-15/16", "def"],
  ["bytes=14-99", 206, "bytes 14-15/16", "ef"],
  ["bytes=0-1,2-3", 206, "bytes 0-3/16", "0123"],
  ["bytes=0-1,8-9", 200, null, FILE.toString()],
  ["lines=1-2", 200, null, FILE.toString()],
])("the range %s is answered with %i", async (range, status, contentRange, text) => {
  const answer = await fileAt({ Range: range });
  expect([answer.status, answer.headers.get("content-range"), answer.text]).toEqual([
    status,
    contentRange,
    text,
  ]);
});

test("a range outside the file is refused with the file's size", async () => {
  const { status, headers } = await fileAt({ Range: "bytes=16-" });
  expect([status, headers.get("content-range")]).toEqual([416, "bytes */16"]);
});

test("If-Range gives the range only of the version that the client knows", async () => {
  const { sha256 } = await listFile(rig.folder, "screen-1.mp4");
  expect((await fileAt({ Range: "bytes=0-1", "If-Range": `"${sha256}"` })).status).toBe(206);
  expect((await fileAt({ Range: "bytes=0-1", "If-Range": '"another"' })).status).toBe(200);
});

test("only files that the manifest lists are served, and no path leads out of the folder", async () => {
  for (const name of ["unlisted.txt", "..%2f..%2fetc%2fpasswd", "%2e%2e%2funlisted.txt", "%2fetc%2fpasswd"])
    expect(await askRaw(`/v1/interactions/call-1/files/${name}`, {})).toBe(404);
  expect(await askRaw("/v1/interactions/call-1/files/../../../../etc/passwd", {})).toBe(404);
});

test("a listed file that the archive has lost is our fault and says so", async () => {
  const { status, text } = await ask("/v1/interactions/call-1/files/lost.m4a");
  expect(status).toBe(500);
  expect(text).toContain("/files/lost.m4a: the file is missing in the archive");
});

test("every call wants a token or a session; both tokens of the adapter are good", async () => {
  for (const path of ["/v1/interactions", "/v1/interactions/call-1/files/screen-1.mp4", "/session"]) {
    const answer = await ask(path, {});
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="deskreel"']);
    expect((await ask(path, { headers: { Authorization: "Bearer wrong" } })).status).toBe(401);
    expect((await ask(path, { headers: { Authorization: `Bearer ${TOKENS.admin}` } })).status).toBe(200);
  }
});

test("a person's token is exchanged for a cookie and leaves the address, which keeps the rest", async () => {
  const { status, headers } = await ask(`/interactions/call-1?a=b&token=${TOKENS.viewer}`, {});
  expect([status, headers.get("location")]).toEqual([303, "/interactions/call-1?a=b"]);
  const cookie = headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^deskreel_session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  const Cookie = cookie.split(";")[0] ?? "";
  expect((await ask("/v1/interactions", { headers: { Cookie } })).status).toBe(200);
  expect((await ask("/interactions/call-1", { headers: { Cookie } })).text).toBe("<!-- index.html -->");
  expect(JSON.parse((await ask("/session", { headers: { Cookie } })).text)).toMatchObject({
    ...{ name: "viewer", role: "viewer", hasAccount: false, canPlaceCall: false, mayHold: false },
  });
});

test("without a session, or with a wrong token, a person gets a page that says what to do", async () => {
  const without = await ask("/interactions/call-1", {});
  expect([without.status, without.headers.get("content-type")]).toEqual([401, "text/html; charset=utf-8"]);
  expect(without.text).toContain('action="/sign-in?next=%2Finteractions%2Fcall-1"');
  expect(without.text).not.toContain("http-equiv");
  const wrong = await ask("/?token=wrong", {});
  expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
  expect(wrong.text).toContain("This token is not valid here");
});

test("a link from another site is asked for again by the page itself, because the first request has no cookie", async () => {
  const headers = { "Sec-Fetch-Site": "cross-site" };
  expect((await ask("/", { headers })).text).toContain('<meta http-equiv="refresh" content="0">');
});

test("the sign-in form takes a token from our own page only and leads on within this server", async () => {
  const body = new URLSearchParams({ token: ` ${TOKENS.admin} ` });
  const post = (next: string, headers: Record<string, string>) =>
    ask(`/sign-in?next=${encodeURIComponent(next)}`, { method: "POST", body, headers });
  const own = await post("/interactions/call-1", { Origin: rig.url });
  expect([own.status, own.headers.get("location")]).toEqual([303, "/interactions/call-1"]);
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example"])
    expect((await post(next, { Origin: rig.url })).headers.get("location")).toBe("/");
  expect((await post("/", { Origin: "https://evil.example" })).status).toBe(403);
  expect((await post("/", { Origin: rig.url, "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  expect((await post("/", {})).status).toBe(403);
});

test("signing out takes the cookie away", async () => {
  const { status, headers } = await ask("/sign-out", { method: "POST", headers: { Origin: rig.url } });
  expect([status, headers.get("set-cookie")]).toEqual([
    303,
    "deskreel_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
  ]);
});

test("every answer carries the security headers, none is stored", async () => {
  for (const path of ["/", "/v1/interactions", "/nowhere"]) {
    const { headers } = await ask(path);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": path === "/" ? "same-origin" : "no-referrer",
      "cache-control": "no-store",
    });
    expect(headers.get("x-powered-by")).toBeNull();
  }
});

test.each(["//", "//?token=x", "//evil.example/"])("the odd path %j is no error of ours", async (path) => {
  const { hostname, port } = new URL(rig.url);
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode))
      .once("error", reject)
      .end();
  });
  expect([401, 404]).toContain(status);
});

test("who goes to an address that there is not gets the page, which says so, and a program a problem", async () => {
  const { headers } = await ask(`/?token=${TOKENS.viewer}`, {});
  const Cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const person = { headers: { Cookie, Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };
  const page = await ask("/nowhere", person);
  expect([page.status, page.text]).toEqual([404, (await ask("/", person)).text]);
  for (const [path, init] of [
    ["/nowhere", undefined],
    ["/v1/nowhere", person],
  ] as const) {
    const problem = await ask(path, init);
    expect([problem.status, problem.headers.get("content-type")]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  }
});

test("only known hosts are answered", async () => {
  expect(await askRaw("/v1/interactions", { Host: "evil.example" })).toBe(421);
  expect(await askRaw("/v1/interactions", { Host: "replay.contoso.com:7500" })).toBe(200);
});

test("calls can be placed where a simulated Dynamics is there, by pages of our own and by programs", async () => {
  await using simulated = await openReplayRig({
    pageFolder,
    placeCall: () => Promise.resolve({ interactionId: "call-3" }),
  });
  const place = (headers: Record<string, string>) =>
    fetch(`${simulated.url}/simulator/calls`, { method: "POST", headers });
  const placed = await place(VIEWER);
  expect([placed.status, await placed.json()]).toEqual([202, { interactionId: "call-3" }]);
  expect((await place({ Origin: simulated.url })).status).toBe(401);
  expect((await place({ Origin: "https://evil.example" })).status).toBe(403);
  expect((await ask("/simulator/calls", { method: "POST", headers: VIEWER })).status).toBe(404);
});

test("a simulator that fails is reported with its reason", async () => {
  await using simulated = await openReplayRig({
    pageFolder,
    placeCall: () => Promise.reject(new Error("no desktop is connected")),
  });
  const answer = await fetch(`${simulated.url}/simulator/calls`, { method: "POST", headers: VIEWER });
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain(
    "the simulated Dynamics did not place a call: no desktop is connected",
  );
});

test("the key that the archive's signatures are verified with is given to whoever may see interactions", async () => {
  const answer = await fetch(`${rig.url}/v1/signing-key`, { headers: VIEWER });
  expect({ status: answer.status, text: await answer.text() }).toEqual({
    status: 200,
    text: rig.signingKey.publicPem,
  });
  expect((await fetch(`${rig.url}/v1/signing-key`)).status).toBe(401);
});

test("an admin holds an interaction and releases it; it shows in its flags and in the audit", async () => {
  const hold = "/v1/interactions/CALL-1/legal-hold";
  const admin = { Authorization: `Bearer ${TOKENS.admin}`, "Content-Type": "application/json" };
  const legalHold = async () =>
    (JSON.parse((await ask("/v1/interactions/call-1")).text) as { flags: unknown }).flags;
  expect((await ask(hold, { method: "PUT", headers: VIEWER })).status).toBe(403);
  expect((await ask("/v1/audit")).status).toBe(403);
  expect(await legalHold()).toEqual({ legalHold: false });
  const body = JSON.stringify({ reason: "case 4711" });
  expect(await ask(hold, { method: "PUT", headers: admin, body })).toMatchObject({
    status: 200,
    text: '{"legalHold":true}',
  });
  expect(await ask(hold, { method: "PUT", headers: admin })).toMatchObject({ status: 200 });
  expect(await legalHold()).toEqual({ legalHold: true });
  expect(await ask(hold, { method: "DELETE", headers: admin })).toMatchObject({
    status: 200,
    text: '{"legalHold":false}',
  });
  expect(await legalHold()).toEqual({ legalHold: false });
  const rows: { number: number; sequence: number | null }[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const after: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = JSON.parse((await ask(`/v1/audit?limit=1${after}`, { headers: admin })).text) as {
      items: typeof rows;
      cursor: string | null;
      chain: object;
    };
    expect(page.chain).toMatchObject({
      faults: [],
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(page.items).toHaveLength(1);
    rows.push(...page.items);
    cursor = page.cursor;
  }
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_row, index) => rows.length - index));
  expect(rows.filter(({ sequence }) => sequence !== null)).toMatchObject([
    { who: "admin", action: "released", interactionId: "call-1", detail: "", sequence: 2 },
    { who: "admin", action: "held", interactionId: "call-1", detail: "case 4711", sequence: 1 },
  ]);
  expect((await ask("/v1/audit?cursor=x", { headers: admin })).status).toBe(400);
  expect((await ask("/v1/interactions/none/legal-hold", { method: "PUT", headers: admin })).status).toBe(404);
  expect((await ask(hold, { method: "PUT", headers: admin, body: '{"why":1}' })).status).toBe(400);
});

test("who opens an interaction or a file is in the audit, once for many requests", async () => {
  const admin = { Authorization: `Bearer ${TOKENS.admin}` };
  await ask("/v1/interactions/call-2", { headers: admin });
  await ask("/v1/interactions/CALL-2", { headers: admin });
  for (const range of ["bytes=0-1", "bytes=2-3"])
    await ask("/v1/interactions/call-1/files/screen-1.mp4", { headers: { ...admin, Range: range } });
  expect((await ask("/v1/interactions/call-9", { headers: admin })).status).toBe(404);
  const { items } = JSON.parse((await ask("/v1/audit?limit=1000", { headers: admin })).text) as {
    items: { who: string; action: string; interactionId: string; detail: string }[];
  };
  const seen = items.filter(({ who, action }) => who === "admin" && action === "viewed");
  expect(seen.map(({ interactionId, detail }) => `${interactionId} ${detail}`).toSorted()).toEqual([
    "call-1 screen-1.mp4 from 127.0.0.1",
    "call-2 from 127.0.0.1",
  ]);
  expect(items).toContainEqual(
    expect.objectContaining({ who: "viewer", action: "viewed", interactionId: "call-1" }),
  );
});

test("a page that was not built is named at the start", () => {
  const { catalogue, archive, custody, stores, signingKey } = rig;
  const options = {
    ...{ catalogue, storage: archive.storage, custody, stores, signingKey, trustedProxies: [] },
    policy: { agentsSeeOwn: false, agentsSeeWatchers: false },
    tokens: TOKENS,
    allowedHosts: [],
    log: silentLog(),
  };
  expect(() => createReplayApp({ ...options, pageFolder: rig.folder })).toThrow(
    /has no index.html; build it with/,
  );
});

test("no token is ever logged", () => {
  expect(logged.some((line) => line.includes("signed in"))).toBe(true);
  expect(logged.filter((line) => line.includes(TOKENS.viewer) || line.includes(TOKENS.admin))).toEqual([]);
});
