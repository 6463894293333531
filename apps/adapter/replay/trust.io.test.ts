import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifestSchema } from "#shared/archive/manifest.ts";
import { archiveMade } from "../archive/rig/made-archive.ts";
import { ReplayClient, signUp } from "./rig/replay-client.ts";
import { openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

const ANN = { agent: "ann@contoso.com", name: "Ann" };
let pageFolder: string;
let rig: ReplayRig;
let admin: ReplayClient;
let sue: ReplayClient;
let sam: ReplayClient;
let ann: ReplayClient;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), `<!-- ${name} -->`);
  rig = await openReplayRig({ pageFolder, policy: { agentsSeeOwn: true, agentsSeeWatchers: true } });
  admin = ReplayClient.admin(rig.url);
  await archived("call-1", [ANN]);
  await archived("call-2", [{ agent: "bob@contoso.com", name: "Bob" }]);
  const teams = { items: [{ id: "t1", name: "One", agents: [ANN.agent] }] };
  await admin.ask("PUT", "/v1/teams", teams);
  ({ client: sue } = await signUp(rig.url, "sue", { role: "supervisor", teams: ["t1"] }));
  ({ client: sam } = await signUp(rig.url, "sam", { role: "supervisor", teams: ["t1"] }));
  ({ client: ann } = await signUp(rig.url, "ann", { role: "agent", agentId: ANN.agent }));
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

/** Archives an interaction as the adapter does; returns its folder. */
async function archived(id: string, agents: (typeof ANN)[]): Promise<string> {
  const folder = await archiveMade(rig.archive, id, 1, { change: { agents } });
  const place = folder.slice(rig.archive.storage.root.length + 1);
  const bytes = await rig.archive.storage.read(`${place}/manifest.json`);
  rig.catalogue.put(manifestSchema.parse(JSON.parse(String(bytes))), place);
  return folder;
}

interface Note {
  id: string;
  text: string;
  tags: string[];
  author: string;
  mayChange: boolean;
  changedAt: string | null;
}

const NOTES = "/v1/interactions/call-1/notes";
const notesFor = async (client: ReplayClient) =>
  ((await client.ask("GET", NOTES)).json() as { items: Note[] }).items;

async function trailOf(client: ReplayClient, id = "call-1"): Promise<string[]> {
  const { items } = (await client.ask("GET", `/v1/interactions/${id}/audit`)).json() as {
    items: { who: string; action: string; detail: string }[];
  };
  return items.map(({ who, action, detail }) => `${who} ${action} ${detail}`);
}

test("supervisors comment on moments; only the author and admins change that, and it is in the trail by its hash", async () => {
  const made = await sue.ask("POST", NOTES, {
    atMs: 5_000,
    text: " Well said ",
    tags: ["coaching", "coaching"],
  });
  expect(made.status).toBe(201);
  expect(made.json()).toMatchObject({ atMs: 5_000, text: "Well said", tags: ["coaching"], author: "sue" });
  const { id } = made.json() as unknown as Note;
  expect(await sam.status("POST", NOTES, { atMs: 1_000, tags: ["start"] })).toBe(201);
  expect((await notesFor(sam)).map(({ tags, mayChange }) => [...tags, mayChange])).toEqual([
    ["start", true],
    ["coaching", false],
  ]);
  // Found by what was said, by those who may read it.
  const isFound = async (client: ReplayClient, q: string) => {
    const { items } = (await client.ask("GET", `/v1/interactions?q=${q}`)).json() as { items: unknown[] };
    return items.length === 1;
  };
  for (const q of ["well%20said", "coaching"]) {
    expect([await isFound(sam, q), await isFound(admin, q)]).toEqual([true, true]);
    expect(await isFound(ann, q)).toBe(false);
  }
  expect(await sam.status("PATCH", `${NOTES}/${id}`, { text: "mine" })).toBe(403);
  expect(await sam.status("DELETE", `${NOTES}/${id}`)).toBe(403);
  const changed = await sue.ask("PATCH", `${NOTES}/${id}`, { text: "Very well said" });
  expect(changed.json()).toMatchObject({ text: "Very well said", tags: ["coaching"], atMs: 5_000 });
  expect(changed.json()["changedAt"]).not.toBeNull();
  expect(await admin.status("DELETE", `${NOTES}/${id}`)).toBe(204);
  expect(await sue.status("DELETE", `${NOTES}/${id}`)).toBe(404);
  expect(await isFound(admin, "coaching")).toBe(false);
  expect((await notesFor(sue)).map(({ author }) => author)).toEqual(["sam"]);
  const trail = (await trailOf(sue)).filter((line) => line.includes(` comment ${id} `)).toReversed();
  expect(trail.map((line) => line.replace(/sha256 [0-9a-f]{64}$/, "HASH"))).toEqual([
    `sue commented comment ${id} at 5000 ms, HASH`,
    `sue comment-changed comment ${id} at 5000 ms, HASH`,
    `admin comment-removed comment ${id} at 5000 ms, HASH`,
  ]);
  expect(trail.join("\n")).not.toContain("said");
  expect(trail[1]?.slice(-64)).toBe(trail[2]?.slice(-64));
});

test("a comment must lie in the interaction and say something, and belong to what one may see", async () => {
  const faults = async (body: unknown) => {
    const answer = await sue.ask("POST", NOTES, body);
    const { errors } = answer.json() as { errors: { path: string }[] };
    return [answer.status, ...errors.map(({ path }) => path).toSorted()];
  };
  expect(await faults({ atMs: 60_001, text: "x" })).toEqual([400, "/atMs"]);
  expect(await faults({ atMs: 0, text: "  " })).toEqual([400, "/text"]);
  expect(await faults({ atMs: -1, text: "x".repeat(4_001), tags: [""], by: "me" })).toEqual([
    ...[400, "/atMs", "/by", "/tags/0", "/text"],
  ]);
  for (const [method, path, body] of [
    ["GET", "", undefined],
    ["POST", "", { atMs: 0, text: "x" }],
    ["PATCH", "/none", { text: "x" }],
    ["DELETE", "/none", undefined],
  ] as const)
    expect(await sue.status(method, `/v1/interactions/call-2/notes${path}`, body)).toBe(404);
  const viewer = new ReplayClient(rig.url, TOKENS.viewer);
  expect(await viewer.status("GET", NOTES)).toBe(200);
  expect(await viewer.status("POST", NOTES, { atMs: 0, text: "x" })).toBe(403);
  for (const [method, body] of [
    ["GET", undefined],
    ["POST", { atMs: 0, text: "x" }],
  ] as const)
    expect(await ann.status(method, NOTES, body)).toBe(403);
  const lured = await sue.ask("POST", NOTES, { atMs: 0, text: "x" }, { Origin: "https://evil.example" });
  expect(lured.status).toBe(403);
});

test("deleting an interaction takes its comments along", async () => {
  await archived("call-3", [ANN]);
  expect(await sue.status("POST", "/v1/interactions/call-3/notes", { atMs: 0, text: "x" })).toBe(201);
  expect(rig.stores.notes.listOf("call-3")).toHaveLength(1);
  expect(await rig.acts.delete({ interactionId: "call-3", by: "retention", reason: "" })).toBe(true);
  expect(rig.stores.notes.listOf("call-3")).toEqual([]);
});

test("a trail tells who did what; agents are told who has seen their call, and no more", async () => {
  await sue.ask("GET", "/v1/interactions/call-1");
  await sue.ask("PUT", "/v1/interactions/call-1/legal-hold", { reason: "case 4711" });
  const all = await trailOf(sam);
  expect(all).toContain("sue held case 4711");
  expect(all).toContain("sue viewed from 127.0.0.1");
  const own = await trailOf(ann);
  expect(own).toContain("sue viewed ");
  expect(own.every((line) => / (viewed|exported) $/.test(line))).toBe(true);
  for (const client of [sue, ann])
    expect(await client.status("GET", "/v1/interactions/call-2/audit")).toBe(404);
});

test("a version is verified when somebody asks, anew when asked anew, and each fault is named", async () => {
  const verify = async (id: string, query = "", client = sue) =>
    (await client.ask("GET", `/v1/interactions/${id}/verification${query}`)).json();
  const folder = await archived("call-4", [ANN]);
  const sound = await verify("call-4");
  expect(sound).toMatchObject({ verdict: "verified", version: 1, files: 1, faults: [] });
  expect(sound["keyId"]).toMatch(/^[0-9a-f]{16}$/);
  expect(await verify("call-4")).toEqual(sound);
  expect(await verify("call-1", "", ann)).toMatchObject({ verdict: "verified" });
  await appendFile(join(folder, "audio.m4a"), "x");
  await writeFile(join(folder, "more.txt"), "x");
  expect(await verify("call-4")).toEqual(sound);
  const faulty = (await verify("call-4", "?anew=true")) as { verdict: string; faults: { fault: string }[] };
  expect(faulty.verdict).toBe("faulty");
  expect(faulty.faults.map(({ fault }) => fault).toSorted()).toEqual([
    expect.stringMatching(/^has \d+ bytes, the manifest says \d+$/),
    "is not listed in the manifest",
  ]);
  await rm(join(folder, "manifest.json"));
  expect(await verify("call-4", "?anew=true")).toMatchObject({
    faults: [{ fault: "is missing" }],
    verdict: "faulty",
  });
  expect(await sue.status("GET", "/v1/interactions/call-2/verification")).toBe(404);
  expect((await trailOf(sam, "call-4")).filter((line) => line.includes("verified"))).toEqual([
    "sue verified version 1: faulty, 1 fault",
    "sue verified version 1: faulty, 2 faults",
    "sue verified version 1: verified",
  ]);
});

test("an entry before that is another one, or has gone without a tombstone, is a fault of the chain", async () => {
  const before = await archived("call-5", [ANN]);
  await archived("call-6", [ANN]);
  const verify = async () =>
    (await sue.ask("GET", "/v1/interactions/call-6/verification?anew=true")).json() as {
      faults: { place: string; fault: string }[];
    };
  expect((await verify()).faults).toEqual([]);
  await appendFile(join(before, "manifest.json"), " ");
  expect((await verify()).faults).toMatchObject([
    { fault: expect.stringContaining("the manifest that follows says") },
  ]);
  await rm(join(before, "manifest.json"));
  expect((await verify()).faults).toMatchObject([{ fault: "is missing, the manifest follows it" }]);
});
