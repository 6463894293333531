import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LiveView, RecorderState } from "../domain/live-view.ts";
import { madeCall, QUIET_RECORDER } from "../rig/made-live.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { ReplayClient, signUp } from "./rig/replay-client.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;

/** Ann and Bob are in a call; Ann's has no desktop. */
function read(): Promise<RecorderState[]> {
  const gap = { reason: "desktop-offline", since: new Date().toISOString() };
  const calls = [madeCall("ann@contoso.com", "s1", 60, { screens: [], gap }), madeCall("bob", "s2", 30)];
  const answer = { ...QUIET_RECORDER, at: new Date().toISOString(), calls };
  return Promise.resolve([{ name: "recorder:7400", answer, answeredAt: Date.now(), fault: null }]);
}

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const policy = { agentsSeeOwn: true, agentsSeeWatchers: false };
  rig = await openReplayRig({ pageFolder, live: { read }, policy });
  rig.catalogue.put(madeInteraction("done-ann"), MADE_PLACE);
  const bobs = { agents: [{ agent: "bob", name: "Bob Lee" }] };
  rig.catalogue.put(madeInteraction("done-bob", bobs), MADE_PLACE);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

test("supervisors watch their teams, agents themselves, admins all; others nobody", async () => {
  const admin = ReplayClient.admin(rig.url);
  await admin.ask("PUT", "/v1/teams", { items: [{ name: "Billing", agents: ["Ann@contoso.com"] }] });
  const { items: teams } = (await admin.ask("GET", "/v1/teams")).json() as { items: { id: string }[] };
  const supervisor = await signUp(rig.url, "sue", { role: "supervisor", teams: [teams[0]?.id] });
  const agent = await signUp(rig.url, "bob", { role: "agent", agentId: "BOB" });
  const seen = async (client: ReplayClient) => {
    const answer = await client.ask("GET", "/v1/live?ended=done-ann,done-bob,unknown");
    const { calls, recorders, idle, ended } = answer.json() as unknown as LiveView & { ended: string[] };
    return {
      ...{ calls: calls.map((call) => call.agent), ended },
      machines: [recorders[0]?.handoff !== null, idle.items !== null],
    };
  };
  expect(await seen(admin)).toEqual({
    ...{ calls: ["ann@contoso.com", "bob"], ended: ["done-ann", "done-bob"] },
    machines: [true, true],
  });
  expect(await seen(supervisor.client)).toEqual({
    ...{ calls: ["ann@contoso.com"], ended: ["done-ann"] },
    machines: [false, false],
  });
  expect(await seen(agent.client)).toEqual({
    ...{ calls: ["bob"], ended: ["done-bob"] },
    machines: [false, false],
  });
  expect(await new ReplayClient(rig.url, TOKENS.viewer).status("GET", "/v1/live")).toBe(403);
  expect(await new ReplayClient(rig.url).status("GET", "/v1/live")).toBe(401);
  const session = (await supervisor.client.ask("GET", "/session")).json();
  expect(session["maySeeLive"]).toBe(true);
});

test("an opening is one entry of the audit, however often it asks; another one is another", async () => {
  const { client } = await signUp(rig.url, "may", { role: "admin" });
  for (const opening of ["first", "first", "second", "first"])
    await client.ask("GET", `/v1/live?opening=${opening}`);
  const { items } = (await client.ask("GET", "/v1/audit?limit=1000")).json() as {
    items: { who: string; action: string; interactionId: string | null; detail: string }[];
  };
  expect(items.filter(({ who, action }) => who === "may" && action === "viewed")).toMatchObject(
    Array.from({ length: 2 }, () => ({ interactionId: null, detail: "live from 127.0.0.1" })),
  );
});

test("a faulty query is refused with every fault named", async () => {
  const many = Array.from({ length: 51 }, (_, index) => `c${index}`).join(",");
  const answer = await ReplayClient.admin(rig.url).ask("GET", `/v1/live?opening=a+b&ended=${many}&x=1`);
  expect([answer.status, answer.json()]).toMatchObject([
    400,
    { errors: [{ path: "/opening" }, { path: "/ended" }, { path: "/x" }] },
  ]);
});
