import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ApiDocument,
  callsOf,
  faultsIn,
  faultsOfAnswer,
  routesOf,
} from "#shared/http/testing/api-check.ts";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { createOps, type Ops } from "../ops/ops-app.ts";
import { routeRecovery } from "../recovery/recovery-routes.ts";
import { madeCall, QUIET_RECORDER } from "../rig/made-live.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { ReplayClient } from "./rig/replay-client.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;
let ops: Ops;
let opsListener: HttpListener;
let document: ApiDocument;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const answer = { ...QUIET_RECORDER, at: new Date().toISOString(), calls: [madeCall("ann", "s1", 5)] };
  const state = { name: "recorder:7400", answer, answeredAt: Date.now(), fault: null };
  const routes = routeRecovery(null, new AbortController().signal);
  rig = await openReplayRig({ pageFolder, routes, live: { read: () => Promise.resolve([state]) } });
  const gap = { fromMs: 0, toMs: 5_000, state: "gap" as const, reason: "loss" };
  const screens = [madeScreen("screen-1.mp4", 0, 12_000, { coverage: [gap] })];
  rig.catalogue.put(madeInteraction("call-1", { screens, coverage: "partial" }), MADE_PLACE);
  ops = createOps({ stores: rig.stores, health: [], allowedHosts: [], log: silentLog() });
  opsListener = await listenHttp("ops", { host: "127.0.0.1", port: 0 }, ops.app);
  document = (await (await fetch(`${opsListener.url}/openapi.json`)).json()) as ApiDocument;
});

afterAll(async () => {
  await opsListener[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

test("the document is OpenAPI 3.1, and has every route that there is and no other", async () => {
  expect(await faultsIn(document)).toBe("");
  expect(callsOf(document)).toEqual([...routesOf(rig.app), ...routesOf(ops.app)].toSorted());
});

test("real answers are as the document says", async () => {
  const admin = ReplayClient.admin(rig.url);
  const ask = async (method: string, path: string, body?: unknown, described = path.split("?")[0] ?? "") => {
    const answer = await admin.ask(method, path, body);
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    const call = { method: method.toLowerCase(), path: described, status: answer.status, type };
    return `${answer.status} ${faultsOfAnswer(document, call, answer.json())}`;
  };
  const one = "/v1/interactions/{id}";
  const day = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";
  expect([
    await ask("GET", "/session"),
    await ask("GET", "/v1/interactions?with=life"),
    await ask("GET", "/v1/interactions?limit=0"),
    await ask("GET", "/v1/interactions/histogram"),
    await ask("GET", "/v1/facets?field=agent"),
    await ask("GET", "/v1/interactions/call-1", undefined, one),
    await ask("GET", "/v1/interactions/none", undefined, one),
    await ask("POST", "/v1/interactions/call-1/notes", { atMs: 5, text: "hm" }, `${one}/notes`),
    await ask("GET", "/v1/interactions/call-1/notes", undefined, `${one}/notes`),
    await ask("GET", "/v1/interactions/call-1/audit", undefined, `${one}/audit`),
    await ask("GET", `/v1/coverage?${day}`),
    await ask("GET", "/v1/live"),
    await ask("GET", "/v1/audit"),
    await ask("POST", "/v1/accounts", { name: "sue", role: "admin" }),
    await ask("GET", "/v1/accounts"),
    await ask("PUT", "/v1/teams", { items: [{ name: "Billing", agents: ["ann"] }] }),
    await ask("GET", "/v1/teams"),
    await ask("GET", "/v1/recovery"),
  ]).toEqual(
    [200, 200, 400, 200, 200, 200, 404, 201, 200, 200, 200, 200, 200, 201, 200, 200, 200, 409].map(
      (status) => `${status} `,
    ),
  );
});
