import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokenHash } from "#shared/http/guards.ts";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { OWN_PASSWORD, ReplayClient, signUp } from "../rig/replay-client.ts";
import { openReplayRig, type ReplayRig, TOKENS } from "../rig/replay-rig.ts";

const HOUR_MS = 3_600_000;
const logged: string[] = [];
let pageFolder: string;
let rig: ReplayRig;
let admin: ReplayClient;
let shiftMs = 0;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), `<!-- ${name} -->`);
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  // It stands still but for what a test shifts it.
  const startedAt = Date.now();
  const clock = { now: () => startedAt + shiftMs };
  rig = await openReplayRig({ pageFolder, log, clock, trustedProxies: ["127.0.0.1"] });
  admin = ReplayClient.admin(rig.url);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

interface AuditItem {
  who: string;
  action: string;
  detail: string;
}

async function auditOf(who: string): Promise<string[]> {
  const { items } = (await admin.ask("GET", "/v1/audit?limit=1000")).json() as { items: AuditItem[] };
  const own = items.filter((item) => item.who === who).map(({ action, detail }) => `${action}: ${detail}`);
  return own.toReversed();
}

test("an account is made with a password that is shown once, and useless until its person has changed it", async () => {
  const made = await admin.ask("POST", "/v1/accounts", { name: " Ann.Agent@Contoso.com ", role: "viewer" });
  expect([made.status, made.json()["name"]]).toEqual([201, "ann.agent@contoso.com"]);
  const { password } = made.json() as { password: string };
  expect((await admin.ask("GET", "/v1/accounts")).text).not.toContain(password);
  const ann = new ReplayClient(rig.url);
  const entered = await ann.signIn("ANN.agent@contoso.com", password);
  expect([entered.status, entered.json()["mustChangePassword"]]).toEqual([200, true]);
  expect(await ann.status("GET", "/session")).toBe(200);
  for (const path of ["/v1/interactions", "/v1/signing-key", "/v1/teams"])
    expect(await ann.status("GET", path)).toBe(403);
  const page = await ann.ask("GET", "/interactions/x");
  expect([page.status, page.headers.get("location")]).toEqual([303, "/password"]);
  expect((await ann.ask("GET", "/password")).text).toContain('autocomplete="new-password"');
  const change = (current: string, wanted: string) =>
    ann.ask("POST", "/v1/account/password", { current, password: wanted });
  expect((await change("not the password", OWN_PASSWORD)).text).toContain('"/current"');
  expect((await change(password, "short")).text).toContain("at least 12 characters");
  expect((await change(password, "Ann.Agent2026")).text).toContain("hardly more than the account's name");
  expect((await change(password, password)).text).toContain("must be another one");
  expect((await change(password, OWN_PASSWORD)).status).toBe(204);
  expect(await ann.status("GET", "/v1/interactions")).toBe(200);
  expect((await new ReplayClient(rig.url).signIn("ann.agent@contoso.com", password)).status).toBe(401);
  expect(await auditOf("ann.agent@contoso.com")).toEqual([
    "signed-in: from 127.0.0.1",
    "sign-in-failed: a wrong password, from 127.0.0.1",
    "password-changed: ann.agent@contoso.com",
    "sign-in-failed: a wrong password, from 127.0.0.1",
  ]);
  expect(await auditOf("admin")).toContain("account-made: ann.agent@contoso.com: viewer");
});

test("the forms of the pages sign in and change the password without a script, in the browser's language", async () => {
  await admin.ask("POST", "/v1/accounts", {
    name: "form",
    role: "viewer",
    password: "a first one for forms",
  });
  const browser = new ReplayClient(rig.url);
  const send = async (path: string, fields: Record<string, string>) => {
    const response = await fetch(rig.url + path, {
      ...{ method: "POST", redirect: "manual", body: new URLSearchParams(fields) },
      headers: {
        Origin: rig.url,
        "Accept-Language": "de-DE,de;q=0.9",
        ...(browser.cookie === null ? {} : { Cookie: browser.cookie }),
      },
    });
    browser.cookie = response.headers.get("set-cookie")?.split(";")[0] ?? browser.cookie;
    return { status: response.status, to: response.headers.get("location"), text: await response.text() };
  };
  const wrong = await send("/sign-in?next=%2F", { name: '"><b>', password: "x" });
  expect(wrong).toMatchObject({ status: 401, to: null });
  expect(wrong.text).toContain("Name und Passwort sind hier nicht gültig.");
  expect(wrong.text).toContain('value="&#34;&#62;&#60;b&#62;"');
  const entered = await send("/sign-in?next=%2Finteractions%2Fx", {
    name: "form",
    password: "a first one for forms",
  });
  expect(entered).toMatchObject({ status: 303, to: "/interactions/x" });
  const fields = { current: "a first one for forms", password: OWN_PASSWORD, repeat: OWN_PASSWORD };
  expect((await send("/password", { ...fields, repeat: "x" })).text).toContain("sind verschieden");
  expect((await send("/password", { ...fields, current: "x" })).text).toContain(
    "bisherige Passwort stimmt nicht",
  );
  const before = browser.cookie;
  expect(await send("/password", fields)).toMatchObject({ status: 303, to: "/" });
  expect(browser.cookie).not.toBe(before);
  expect((await browser.ask("GET", "/")).text).toBe("<!-- index.html -->");
});

test("a session is a random id, hashed in the database, and its cookie is for this server alone", async () => {
  const { client } = await signUp(rig.url, "cookie", { role: "viewer" });
  client.cookie = "deskreel_session=chosen-by-somebody-else";
  const { headers } = await client.signIn("cookie", OWN_PASSWORD);
  const cookie = headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^deskreel_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  const [, id = ""] = /=([^;]+)/.exec(cookie) ?? [];
  expect(rig.stores.sessions.get(id)).toBeNull();
  expect(rig.stores.sessions.get(tokenHash(id))?.subject).toMatch(/^account:/);
  const tls = { "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin" };
  const behindTls = await client.signIn("cookie", OWN_PASSWORD, tls);
  expect(behindTls.headers.get("set-cookie")).toMatch(/; Secure$/);
});

test("signing in again ends the session that the browser came with, signing out ends its own", async () => {
  const { client } = await signUp(rig.url, "again", { role: "viewer" });
  const stolen = new ReplayClient(rig.url);
  stolen.cookie = client.cookie;
  expect(await stolen.status("GET", "/session")).toBe(200);
  await client.signIn("again", OWN_PASSWORD);
  expect(client.cookie).not.toBe(stolen.cookie);
  expect(await stolen.status("GET", "/session")).toBe(401);
  stolen.cookie = client.cookie;
  expect(await client.status("POST", "/sign-out", {})).toBe(204);
  expect(client.cookie).toBeNull();
  expect(await stolen.status("GET", "/session")).toBe(401);
  expect((await auditOf("again")).at(-1)).toBe("signed-out: from 127.0.0.1");
});

test("a session survives a restart, and is over after two idle hours and after twelve in all", async () => {
  const { client } = await signUp(rig.url, "hours", { role: "viewer" });
  await using restarted = await rig.serve();
  const later = new ReplayClient(restarted.url);
  later.cookie = client.cookie;
  try {
    for (let hours = 0; hours < 12; hours += 1.9) {
      shiftMs = hours * HOUR_MS;
      expect(await later.status("GET", "/session")).toBe(200);
    }
    shiftMs = 12 * HOUR_MS;
    expect(await later.status("GET", "/session")).toBe(401);
    shiftMs = 0;
    expect(await later.status("GET", "/session")).toBe(401);
    const idle = new ReplayClient(rig.url);
    await idle.signIn("hours", OWN_PASSWORD);
    shiftMs = 2 * HOUR_MS;
    expect(await idle.status("GET", "/session")).toBe(401);
    // A page that refreshes itself is no use of a session: nobody is there.
    const left = new ReplayClient(rig.url);
    await left.signIn("hours", OWN_PASSWORD);
    const refresh = async () =>
      (await left.ask("GET", "/session", undefined, { "Deskreel-Unattended": "1" })).status;
    shiftMs = 3.9 * HOUR_MS;
    expect(await refresh()).toBe(200);
    shiftMs = 4 * HOUR_MS;
    expect(await refresh()).toBe(401);
  } finally {
    shiftMs = 0;
  }
});

test("a new password, another role, disabling and removing end a person's sessions everywhere", async () => {
  const { client: first, id } = await signUp(rig.url, "ended", { role: "viewer" });
  const second = new ReplayClient(rig.url);
  const areIn = async () => [await first.status("GET", "/session"), await second.status("GET", "/session")];
  const signInBoth = async () => {
    for (const client of [first, second]) await client.signIn("ended", OWN_PASSWORD);
    expect(await areIn()).toEqual([200, 200]);
  };
  await signInBoth();
  const changed = { current: OWN_PASSWORD, password: "freitags erst nach zehn" };
  expect(await second.status("POST", "/v1/account/password", changed)).toBe(204);
  expect(await areIn()).toEqual([401, 200]);
  const back = { current: changed.password, password: OWN_PASSWORD };
  expect(await second.status("POST", "/v1/account/password", back)).toBe(204);
  for (const change of [{ role: "supervisor" }, { disabled: true }]) {
    await signInBoth();
    expect(await admin.status("PATCH", `/v1/accounts/${id}`, change)).toBe(200);
    expect(await areIn()).toEqual([401, 401]);
  }
  const refused = await first.signIn("ended", OWN_PASSWORD);
  const unknown = await first.signIn("never there", OWN_PASSWORD);
  expect([refused.status, refused.text]).toEqual([401, unknown.text]);
  expect(await admin.status("PATCH", `/v1/accounts/${id}`, { disabled: false })).toBe(200);
  await signInBoth();
  expect(await admin.status("DELETE", `/v1/accounts/${id}`)).toBe(204);
  expect(await areIn()).toEqual([401, 401]);
});

test("whoever guesses is heard ever more rarely, at real and made-up accounts alike", async () => {
  const { client: dee } = await signUp(rig.url, "dee", { role: "viewer" });
  const guess = async (name: string) => {
    const { status, headers, text } = await new ReplayClient(rig.url).signIn(name, "a wrong one, surely");
    return [status, headers.get("retry-after"), text];
  };
  const answersAt = async (name: string) => {
    const answers = [];
    for (let attempt = 0; attempt < 7; attempt += 1) answers.push(await guess(name));
    return answers;
  };
  const real = await answersAt("dee");
  expect(real.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect(real.at(-1)?.[2]).toMatch(/too many failed attempts to sign in; try again in 15 seconds/);
  const madeUp = await answersAt("nobody-of-this-name");
  expect(madeUp.map(([status]) => status)).toEqual(real.map(([status]) => status));
  expect(madeUp[0]).toEqual(real[0]);
  // Nor is the right password heard now; whoever is in already stays so.
  expect((await new ReplayClient(rig.url).signIn("dee", OWN_PASSWORD)).status).toBe(429);
  expect(await dee.status("GET", "/session")).toBe(200);
  await using restarted = await rig.serve();
  expect((await new ReplayClient(restarted.url).signIn("dee", OWN_PASSWORD)).status).toBe(429);
  shiftMs = 16_000;
  expect((await guess("dee"))[0]).toBe(401);
  expect((await guess("dee"))[1]).toBe("30");
  shiftMs = 16_000 + 31_000;
  expect((await new ReplayClient(rig.url).signIn("dee", OWN_PASSWORD)).status).toBe(200);
  expect((await guess("dee"))[0]).toBe(401);
  shiftMs = 0;
  const locked = (await auditOf("dee")).filter((line) => line.startsWith("locked-out"));
  expect(locked).toEqual([
    "locked-out: for 15 s after 5 failures, from 127.0.0.1",
    "locked-out: for 30 s after 6 failures, from 127.0.0.1",
  ]);
  expect(await auditOf("unknown")).toContain("sign-in-failed: an unknown name, from 127.0.0.1");
});

test("one address that tries many names is not heard any more, others are", async () => {
  const from = (address: string) => ({ "X-Forwarded-For": address });
  const statuses = [];
  for (let attempt = 0; attempt < 31; attempt += 1) {
    const { status } = await new ReplayClient(rig.url).signIn(`name${attempt}`, "x", from("192.0.2.7"));
    statuses.push(status);
  }
  expect(statuses).toEqual([...Array<number>(30).fill(401), 429]);
  expect((await new ReplayClient(rig.url).ask("GET", "/?token=x", undefined, from("192.0.2.7"))).status).toBe(
    429,
  );
  expect((await new ReplayClient(rig.url).signIn("name0", "x", from("192.0.2.8"))).status).toBe(401);
});

test("pages of other sites lock nobody out by guesses that they have browsers make, but their links lead in", async () => {
  const from = (site: string) => ({ "X-Forwarded-For": "192.0.2.77", "Sec-Fetch-Site": site });
  const open = (token: string, site: string) =>
    new ReplayClient(rig.url).ask("GET", `/?token=${token}`, undefined, from(site));
  for (let attempt = 0; attempt < 32; attempt += 1) {
    const answer = await open("x", attempt % 2 === 0 ? "cross-site" : "same-site");
    expect(answer.status).toBe(401);
    // The page must not ask for it again as if it were its own.
    expect(answer.text).not.toContain("http-equiv");
  }
  expect((await auditOf("unknown")).filter((entry) => entry.includes("192.0.2.77"))).toEqual([]);
  expect((await open(TOKENS.viewer, "cross-site")).status).toBe(303);
  expect((await open("x", "none")).status).toBe(401);
  expect(await auditOf("unknown")).toContain("sign-in-failed: an unknown token, from 192.0.2.77");
});

test("many guesses at once are no way around the lock", async () => {
  await signUp(rig.url, "burst", { role: "viewer" });
  const tries = Array.from({ length: 20 }, () =>
    new ReplayClient(rig.url).signIn("burst", "x", { "X-Forwarded-For": "192.0.2.9" }),
  );
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(15);
});

test("the last admin stays one; what an account cannot be is refused with its fields", async () => {
  const { client, id } = await signUp(rig.url, "chief", { role: "admin" });
  expect((await client.ask("GET", "/session")).json()).toMatchObject({ role: "admin", mayAdminister: true });
  const path = `/v1/accounts/${id}`;
  for (const change of [{ role: "viewer" }, { disabled: true }])
    expect(await client.status("PATCH", path, change)).toBe(409);
  expect(await client.status("DELETE", path)).toBe(409);
  expect(await client.status("PATCH", path, { role: "admin", teams: [] })).toBe(200);
  await client.signIn("chief", OWN_PASSWORD);
  const { id: other } = await signUp(rig.url, "chief2", { role: "admin" });
  expect(await client.status("DELETE", path)).toBe(204);
  expect(await admin.status("DELETE", `/v1/accounts/${other}`)).toBe(409);
  const faults = async (account: Record<string, unknown>) => {
    const answer = await admin.ask("POST", "/v1/accounts", account);
    const { errors } = answer.json() as { errors: { path: string }[] };
    return [answer.status, ...errors.map(({ path: field }) => field).toSorted()];
  };
  expect(await faults({ name: "chief2", role: "viewer" })).toEqual([409, "/name"]);
  expect(await faults({ name: "retention", role: "viewer" })).toEqual([409, "/name"]);
  expect(await faults({ name: "a b", role: "god", id: 1 })).toEqual([400, "/id", "/name", "/role"]);
  expect(await faults({ name: "x", role: "agent" })).toEqual([400, "/agentId"]);
  expect(await faults({ name: "x", role: "supervisor", teams: ["none"] })).toEqual([400, "/teams"]);
  expect(await faults({ name: "x", role: "viewer", password: "Password2026" })).toEqual([400, "/password"]);
  expect(await admin.status("PATCH", `/v1/accounts/${other}`, { name: "y" })).toBe(400);
  expect(await admin.status("PATCH", `/v1/accounts/${other}`, { mustChangePassword: false })).toBe(400);
  expect(await admin.status("PATCH", "/v1/accounts/none", { disabled: true })).toBe(404);
});

test("the command makes accounts at the running adapter, and tells a password that it made up once", async () => {
  const tokensFile = join(pageFolder, "tokens.json");
  const config = join(pageFolder, "deskreel.yaml");
  const { port } = new URL(rig.url);
  await writeFile(tokensFile, JSON.stringify(TOKENS));
  await writeFile(config, `adapter: { http: { port: ${port} }, tokensFile: ./tokens.json }`);
  const command = async (...words: string[]) => {
    const script = join(import.meta.dirname, "../../accounts.ts");
    try {
      return String(await run(process.execPath, [script, ...words, "--config", config]));
    } catch (error) {
      if (error instanceof SubprocessError) return `${error.exitCode}: ${error.stderr}`;
      throw error;
    }
  };
  const [, password = ""] =
    /^kim: the password is (\S{27})\n$/.exec(await command("add", "Kim", "--role", "viewer")) ?? [];
  expect((await new ReplayClient(rig.url).signIn("kim", password)).status).toBe(200);
  expect(await command("list")).toMatch(/^kim {2}viewer, signed in 20/m);
  const [, renewed = ""] = /the password is (\S{27})/.exec(await command("password", "kim")) ?? [];
  expect((await new ReplayClient(rig.url).signIn("kim", password)).status).toBe(401);
  expect((await new ReplayClient(rig.url).signIn("kim", renewed)).status).toBe(200);
  expect(await command("add", "kim", "--role", "viewer")).toMatch(
    /^1: .*no new account kim\n {2}name: is taken/,
  );
  expect(await command("add", "lee", "--role", "supervisor", "--team", "x")).toMatch(
    /^2: there is no team x/,
  );
  expect(await command("remove", "kim")).toBe("kim: removed\n");
  expect(await command("remove", "kim")).toMatch(/^1: there is no account kim/);
  expect(await command("add", "kim")).toMatch(/^2: npm run accounts takes/);
});

test("nobody but admins reaches accounts and teams, and nothing from another site", async () => {
  const { client, id } = await signUp(rig.url, "plain", { role: "supervisor" });
  const calls: [string, string, unknown][] = [
    ["GET", "/v1/accounts", undefined],
    ["POST", "/v1/accounts", { name: "mine", role: "admin" }],
    ["PATCH", `/v1/accounts/${id}`, { role: "admin" }],
    ["POST", `/v1/accounts/${id}/password`, {}],
    ["DELETE", `/v1/accounts/${id}`, undefined],
    ["GET", "/v1/teams", undefined],
    ["PUT", "/v1/teams", { items: [] }],
    ["GET", "/v1/audit", undefined],
  ];
  const viewer = new ReplayClient(rig.url, TOKENS.viewer);
  for (const [method, path, body] of calls) {
    expect([path, await client.status(method, path, body)]).toEqual([path, 403]);
    expect([path, await viewer.status(method, path, body)]).toEqual([path, 403]);
    expect([path, await new ReplayClient(rig.url).status(method, path, body)]).toEqual([path, 401]);
  }
  const { client: chief } = await signUp(rig.url, "chief3", { role: "admin" });
  for (const [method, path, body] of calls.filter(([method]) => method !== "GET")) {
    const lured = await chief.ask(method, path, body, { Origin: "https://evil.example" });
    expect([path, lured.status]).toEqual([path, 403]);
  }
  for (const path of ["/sign-in", "/sign-out", "/v1/account/password", "/password"])
    expect((await chief.ask("POST", path, {}, { Origin: "https://evil.example" })).status).toBe(403);
  expect(rig.stores.accounts.get(id)?.role).toBe("supervisor");
});

test("no password is ever logged or noted, nor is what was typed as a name", async () => {
  await new ReplayClient(rig.url).signIn("my secret by mistake", "x");
  const audit = (await admin.ask("GET", "/v1/audit?limit=1000")).text;
  const all = [...logged, audit].join("\n");
  expect(all).toContain("sign-in refused");
  expect(all).not.toContain(OWN_PASSWORD);
  expect(all).not.toContain("by mistake");
});
