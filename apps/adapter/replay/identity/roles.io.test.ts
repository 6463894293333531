import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { madeInteraction, madeScreen } from "../rig/made-interactions.ts";
import { listFile } from "../rig/made-media.ts";
import { ReplayClient, signUp } from "../rig/replay-client.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS } from "../rig/replay-rig.ts";

const ANN = { agent: "ann@contoso.com", name: "Ann" };
const BOB = { agent: "bob@contoso.com", name: "Bob" };
let pageFolder: string;
let rig: ReplayRig;
let open: ReplayRig;
let admin: ReplayClient;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), `<!-- ${name} -->`);
  rig = await openReplayRig({ pageFolder });
  open = await openReplayRig({ pageFolder, policy: { agentsSeeOwn: true, agentsSeeWatchers: true } });
  admin = ReplayClient.admin(rig.url);
  for (const { folder, catalogue } of [rig, open]) {
    await writeFile(join(folder, "screen-1.mp4"), "0123456789");
    const screens = [madeScreen("screen-1.mp4", 0, 12_000)];
    const files = [await listFile(folder, "screen-1.mp4")];
    catalogue.put(madeInteraction("of-ann", { agents: [ANN], screens, files }), MADE_PLACE);
    catalogue.put(madeInteraction("of-bob", { agents: [BOB], screens, files }), MADE_PLACE);
    catalogue.put(madeInteraction("of-both", { agents: [BOB, ANN], screens, files }), MADE_PLACE);
  }
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await open[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

async function listed(client: ReplayClient, query = ""): Promise<string[]> {
  const { items } = (await client.ask("GET", `/v1/interactions${query}`)).json() as {
    items: { interactionId: string }[];
  };
  return items.map(({ interactionId }) => interactionId).toSorted();
}

/** Every way to one interaction, with what is answered to who may see it and do it. */
const WAYS: readonly (readonly [string, string, unknown])[] = [
  ["GET", "", undefined],
  ["GET", "/files/screen-1.mp4", undefined],
  ["HEAD", "/files/screen-1.mp4", undefined],
  ["PUT", "/legal-hold", {}],
  ["DELETE", "/legal-hold", {}],
];

async function statusesOf(client: ReplayClient, id: string): Promise<number[]> {
  const statuses = [];
  for (const [method, path, body] of WAYS)
    statuses.push(await client.status(method, `/v1/interactions/${id}${path}`, body));
  return statuses;
}

/** How many interactions a histogram counts, and what there is to choose from. */
async function countedAndOffered(client: ReplayClient, query = ""): Promise<unknown[]> {
  const histogram = await client.ask("GET", `/v1/interactions/histogram${query}`);
  const { buckets } = histogram.json() as { buckets: { count: number }[] };
  const agents = (await client.ask("GET", "/v1/facets?field=agent")).json() as { items: { value: string }[] };
  const queues = (await client.ask("GET", "/v1/facets?field=queue")).json() as { items: { value: string }[] };
  return [
    buckets.map(({ count }) => count),
    agents.items.map(({ value }) => value),
    queues.items.map(({ value }) => value),
  ];
}

test("a supervisor sees and holds what has an agent of the own teams, and of all else not that it is there", async () => {
  const teams = { items: [{ name: "Billing", agents: ["ANN@contoso.com"] }] };
  const { items } = (await admin.ask("PUT", "/v1/teams", teams)).json() as { items: { id: string }[] };
  const team = items[0]?.id ?? "";
  const { client, id } = await signUp(rig.url, "sue", { role: "supervisor", teams: [team] });
  expect((await client.ask("GET", "/session")).json()).toMatchObject({
    ...{ role: "supervisor", teams: [{ id: team, name: "Billing" }], mayHold: true, mayComment: true },
    ...{ mayExport: true, mayReadAudit: false, mayAdminister: false },
  });
  expect(await listed(client)).toEqual(["of-ann", "of-both"]);
  for (const query of ["?agent=bob@contoso.com", "?q=bob", "?queue=Billing&agent=bob@contoso.com"])
    expect(await listed(client, query)).toEqual(["of-both"]);
  expect(await countedAndOffered(client)).toEqual([[2], ["ann@contoso.com"], ["Billing"]]);
  expect(await countedAndOffered(client, "?agent=bob@contoso.com")).toEqual([
    [1],
    ["ann@contoso.com"],
    ["Billing"],
  ]);
  const ledgerOf = async (who: ReplayClient, query = "") => {
    const span = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z";
    const { totals, items } = (
      await who.ask("GET", `/v1/coverage?${span}&reason=no-audio${query}`)
    ).json() as {
      totals: { interactions: number; reasons: { interactions: number }[] };
      items: { interactionId: string }[];
    };
    const counts = [totals.interactions, ...totals.reasons.map(({ interactions }) => interactions)];
    return [...counts, ...items.map(({ interactionId }) => interactionId).toSorted()];
  };
  expect(await ledgerOf(admin)).toEqual([3, 3, "of-ann", "of-bob", "of-both"]);
  expect(await ledgerOf(client)).toEqual([2, 2, "of-ann", "of-both"]);
  expect(await ledgerOf(client, "&agent=bob@contoso.com")).toEqual([1, 1, "of-both"]);
  expect(await statusesOf(client, "of-ann")).toEqual([200, 200, 200, 200, 200]);
  expect(await statusesOf(client, "of-bob")).toEqual([404, 404, 404, 404, 404]);
  for (const path of ["", "/files/screen-1.mp4", "/export", "/legal-hold"]) {
    const method = path === "/legal-hold" ? "PUT" : "GET";
    const hidden = await client.ask(
      method,
      `/v1/interactions/of-bob${path}`,
      method === "PUT" ? {} : undefined,
    );
    const none = await client.ask(
      method,
      `/v1/interactions/of-bib${path}`,
      method === "PUT" ? {} : undefined,
    );
    expect([hidden.status, hidden.text]).toEqual([none.status, none.text.replaceAll("of-bib", "of-bob")]);
    expect(hidden.headers.get("etag")).toBeNull();
  }
  const { sha256 } = await listFile(rig.folder, "screen-1.mp4");
  const known = { "If-None-Match": `"${sha256}"` };
  const guessed = await client.ask("GET", "/v1/interactions/of-bob/files/screen-1.mp4", undefined, known);
  expect(guessed.status).toBe(404);
  const seen = (await admin.ask("GET", "/v1/audit?limit=1000")).json() as {
    items: { who: string; action: string; interactionId: string | null }[];
  };
  const done = seen.items.filter(({ who, interactionId }) => who === "sue" && interactionId !== null);
  expect(done.map(({ action, interactionId }) => `${action} ${interactionId}`).toReversed()).toEqual([
    ...["viewed of-ann", "viewed of-ann", "held of-ann", "released of-ann"],
  ]);
  // What a team is, counts at the next request; a team that is no more takes its rights with it.
  const more = { items: [{ id: team, name: "Billing", agents: ["bob@contoso.com"] }] };
  expect(await admin.status("PUT", "/v1/teams", more)).toBe(200);
  expect(await listed(client)).toEqual(["of-bob", "of-both"]);
  expect(await admin.status("PUT", "/v1/teams", { items: [] })).toBe(200);
  expect(await listed(client)).toEqual([]);
  expect(rig.stores.accounts.get(id)?.teams).toEqual([]);
});

test("a viewer sees everything and changes nothing, an admin may do both", async () => {
  const { client: viewer } = await signUp(rig.url, "vic", { role: "viewer" });
  const { client: chief } = await signUp(rig.url, "chief", { role: "admin" });
  for (const client of [viewer, new ReplayClient(rig.url, TOKENS.viewer)]) {
    expect(await listed(client)).toEqual(["of-ann", "of-bob", "of-both"]);
    expect(await statusesOf(client, "of-bob")).toEqual([200, 200, 200, 403, 403]);
    expect(await client.status("PUT", "/v1/interactions/none/legal-hold", {})).toBe(403);
  }
  expect(await statusesOf(chief, "of-bob")).toEqual([200, 200, 200, 200, 200]);
});

test("an agent sees nothing, or the own calls where the configuration says so, and changes nothing", async () => {
  const agent = { role: "agent", agentId: "Ann@Contoso.com" };
  const { client: closed } = await signUp(rig.url, "ann", agent);
  expect(await listed(closed)).toEqual([]);
  expect(await countedAndOffered(closed)).toEqual([[], [], []]);
  expect(await statusesOf(closed, "of-ann")).toEqual([404, 404, 404, 403, 403]);
  const { client: own } = await signUp(open.url, "ann", agent);
  expect(await listed(own)).toEqual(["of-ann", "of-both"]);
  expect(await statusesOf(own, "of-ann")).toEqual([200, 200, 200, 403, 403]);
  expect(await statusesOf(own, "of-bob")).toEqual([404, 404, 404, 403, 403]);
  expect(await own.status("GET", "/v1/interactions/of-ann/export")).toBe(403);
  for (const path of ["/v1/audit", "/v1/coverage", "/v1/accounts", "/v1/teams"])
    expect([path, await own.status("GET", path)]).toEqual([path, 403]);
  expect(await own.status("POST", "/simulator/calls", {})).toBe(403);
});

test("a histogram does not tell when calls were that one may not see", async () => {
  const startedAt = "2020-01-01T00:00:00.000Z";
  rig.catalogue.put(madeInteraction("long-ago", { agents: [BOB], startedAt }), MADE_PLACE);
  const teams = { items: [{ name: "Ann's", agents: ["ann@contoso.com"] }] };
  const { items } = (await admin.ask("PUT", "/v1/teams", teams)).json() as { items: { id: string }[] };
  const { client } = await signUp(rig.url, "sol", { role: "supervisor", teams: [items[0]?.id] });
  const years = async (who: ReplayClient) => {
    const { from } = (await who.ask("GET", "/v1/interactions/histogram")).json() as { from: number };
    return new Date(from).getUTCFullYear();
  };
  expect([await years(admin), await years(client)]).toEqual([2020, 2026]);
});

test("a list that names a cursor of somebody else's page gives no more than one's own", async () => {
  const teams = { items: [{ name: "Ann's", agents: ["ann@contoso.com"] }] };
  const { items } = (await admin.ask("PUT", "/v1/teams", teams)).json() as { items: { id: string }[] };
  const { client } = await signUp(rig.url, "sam", { role: "supervisor", teams: [items[0]?.id] });
  const { cursor } = (await admin.ask("GET", "/v1/interactions?limit=1")).json() as { cursor: string };
  expect((await listed(client, `?cursor=${cursor}`)).includes("of-bob")).toBe(false);
});
