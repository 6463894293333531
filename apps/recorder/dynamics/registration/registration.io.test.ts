import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema, type DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { type DynamicsSimulator, startDynamics } from "../../../../e2e/dynamics/simulator.ts";
import { describeFound } from "./describe-found.ts";
import type { Action } from "./plan.ts";
import { DynamicsRegistration, type SetUpOptions, setUpDynamics } from "./registration.ts";

const { signal } = new AbortController();
const KEY = "webhook-key-0000000001";
const WEBHOOK_URL = "http://127.0.0.1:7400";
const SETS = ["serviceendpoints", "sdkmessageprocessingsteps", "sdkmessageprocessingstepimages"];

let folder: string;
let simulator: DynamicsSimulator;
let dynamics: DynamicsConfig;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-registration-"));
  simulator = await startDynamics({ log: silentLog() });
  const { url, tenantId, clientId, clientSecret } = simulator;
  const clientSecretFile = join(folder, "secret");
  await writeFile(clientSecretFile, clientSecret);
  const section = { url, authority: url, tenantId, clientId, clientSecretFile };
  const config = configSchema(folder).parse({ dynamics: section });
  if (config.dynamics === undefined) throw new Error("the section is there");
  dynamics = config.dynamics;
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function setUp(changes: Partial<SetUpOptions> = {}): Promise<{ done: string[]; lines: string[] }> {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const options = {
    dynamics,
    webhookUrl: WEBHOOK_URL,
    webhookKey: KEY,
    clock: new WallClock(),
    print,
    signal,
  };
  return { done: deeds(await setUpDynamics({ ...options, ...changes })), lines };
}

function registration(webhookUrl = WEBHOOK_URL): DynamicsRegistration {
  return new DynamicsRegistration(dynamics, webhookUrl, new WallClock());
}

/** All that was not kept. */
function deeds(actions: readonly Action[]): string[] {
  return actions
    .filter((action) => action.do !== "keep")
    .map((action) => `${action.do} ${("wanted" in action ? action.wanted : action.found).kind}`);
}

function counts(): number[] {
  return SETS.map((set) => simulator.tables.rows(set).length);
}

const [WEBHOOKS = "", STEPS = "", IMAGES = ""] = SETS;

test("a first run makes webhook, steps and images; a second finds nothing to do", async () => {
  const first = await setUp();
  expect([first.done.length, counts()]).toEqual([21, [1, 10, 10]]);
  expect(new Set(first.done)).toEqual(new Set(["create webhook", "create step", "create image"]));
  expect(first.lines.filter((line) => line.startsWith("done: "))).toHaveLength(21);
  expect(first.lines.join("\n")).not.toContain(KEY);
  const second = await setUp();
  expect([second.done, counts()]).toEqual([[], [1, 10, 10]]);
  expect(second.lines.at(-1)).toBe("  21 to keep");
});

test("the environment posts Update of participants with the image that the mapping reads", async () => {
  await setUp();
  const [webhook] = simulator.tables.rows(WEBHOOKS);
  expect(webhook).toMatchObject({ url: `${WEBHOOK_URL}/v1/dataverse-webhook`, authtype: 4, authvalue: KEY });
  const step = simulator.tables
    .rows(STEPS)
    .find(({ name }) => String(name).endsWith("Update msdyn_sessionparticipant"));
  expect(step).toMatchObject({
    eventhandler: webhook?.["serviceendpointid"],
    filteringattributes:
      "msdyn_agentid,msdyn_mode,msdyn_addedon,msdyn_joinedon,msdyn_lefton,msdyn_conversationaccess",
    ...{ stage: 40, mode: 1, supporteddeployment: 0, asyncautodelete: true, statecode: 0 },
  });
  const image = simulator.tables
    .rows(IMAGES)
    .find((row) => row["sdkmessageprocessingstepid"] === step?.["sdkmessageprocessingstepid"]);
  expect(image).toMatchObject({ imagetype: 1, messagepropertyname: "Target", entityalias: "Deskreel" });
});

test("what was changed by hand is brought back, and only that", async () => {
  await setUp();
  const [first, second] = simulator.tables.rows(STEPS);
  const [image, otherImage] = simulator.tables.rows(IMAGES);
  simulator.tables.update(STEPS, String(first?.["sdkmessageprocessingstepid"]), {
    statecode: 1,
    statuscode: 2,
  });
  simulator.tables.update(STEPS, String(second?.["sdkmessageprocessingstepid"]), {
    filteringattributes: "statuscode",
  });
  simulator.tables.update(IMAGES, String(image?.["sdkmessageprocessingstepimageid"]), { attributes: null });
  simulator.tables.update(IMAGES, String(otherImage?.["sdkmessageprocessingstepimageid"]), { name: "Mine" });
  const { done, lines } = await setUp();
  expect(done.sort()).toEqual(["change image", "change step", "change step", "create image"]);
  expect(lines.join("\n")).toContain("statecode: 1 → 0");
  expect((await setUp()).done).toEqual([]);
});

test("another key is written, and told apart by its fingerprint alone", async () => {
  await setUp();
  const webhookKey = "another-key-0000000001";
  const { done, lines } = await setUp({ webhookKey });
  expect(done).toEqual(["change webhook"]);
  expect(simulator.tables.rows(WEBHOOKS)[0]).toMatchObject({ authvalue: webhookKey });
  expect(lines.join("\n")).not.toContain(webhookKey);
  expect((await setUp({ webhookKey })).done).toEqual([]);
});

test("two addresses are two registrations, and each is removed alone", async () => {
  await setUp();
  await setUp({ webhookUrl: "http://127.0.0.1:7499" });
  expect(counts()).toEqual([2, 20, 20]);
  const one = registration();
  await one.carryOut(await one.planRemoval(signal), () => {}, signal);
  expect(counts()).toEqual([1, 10, 10]);
  expect(await one.planRemoval(signal)).toEqual([]);
  expect((await setUp({ webhookUrl: "http://127.0.0.1:7499" })).done).toEqual([]);
});

test("a removal leaves what others made: their webhooks, and their steps on ours", async () => {
  await setUp();
  const { tables } = simulator;
  const { serviceendpointid: ours } = tables.rows(WEBHOOKS)[0] ?? {};
  const { sdkmessageid, sdkmessagefilterid } = tables.rows(STEPS)[0] ?? {};
  if (ours === undefined || sdkmessageid === undefined || sdkmessagefilterid === undefined)
    throw new Error("made");
  const webhook = { name: "Audit", contract: 8, authtype: 4, url: "https://audit.example" };
  tables.insert(WEBHOOKS, webhook);
  const step = { stage: 40, mode: 1, sdkmessageid, sdkmessagefilterid };
  const theirs = tables.insert(STEPS, { ...step, name: "Audit", eventhandler: ours });
  const one = registration();
  const actions = await one.planRemoval(signal);
  await one.carryOut(actions, () => {}, signal);
  expect(counts()).toEqual([2, 1, 0]);
  expect(tables.row(STEPS, theirs)).toBeDefined();
  expect(actions.at(-1)).toMatchObject({
    do: "leave",
    why: "1 step(s) that Deskreel did not make post to it",
  });
});

test("a table that the environment does not have is named, and nothing is made", async () => {
  const { tables } = simulator;
  for (const { sdkmessagefilterid, primaryobjecttypecode } of tables.rows("sdkmessagefilters")) {
    if (primaryobjecttypecode !== "msdyn_ocsession") continue;
    tables.update("sdkmessagefilters", String(sdkmessagefilterid), { iscustomprocessingstepallowed: false });
  }
  await expect(setUp()).rejects.toMatchObject({
    code: "TABLES_MISSING",
    message: expect.stringContaining("Create of table msdyn_ocsession, Update of table msdyn_ocsession;"),
  });
  expect(counts()).toEqual([0, 0, 0]);
});

test("a set-up that breaks off says where, and is gone on with by the next run", async () => {
  const one = registration();
  const actions = await one.planSetUp(KEY, signal);
  const end = new AbortController();
  const done: Action[] = [];
  const attempt = one.carryOut(
    actions,
    (action) => {
      done.push(action);
      if (done.length === 8) end.abort();
    },
    end.signal,
  );
  await expect(attempt).rejects.toMatchObject({ code: "SET_UP_BROKE_OFF" });
  expect(done).toHaveLength(8);
  expect((await setUp()).done).toHaveLength(13);
  expect(counts()).toEqual([1, 10, 10]);
});

test("a busy environment is waited for, and a token that it does not take any more is renewed", async () => {
  simulator.faults.set({
    webApi: [
      { fault: "too-many-requests", next: 1, retryAfterS: 1 },
      { fault: "expired", next: 1, method: "POST" },
      { fault: "too-many-at-once", next: 1, retryAfterS: 1, method: "POST" },
    ],
  });
  expect((await setUp()).done).toHaveLength(21);
  expect((await setUp()).done).toEqual([]);
  const statuses = simulator.requests.all().map(({ status }) => status);
  expect([
    statuses.filter((one) => one === 429).length,
    statuses.filter((one) => one === 401).length,
  ]).toEqual([2, 1]);
});

test("a write that was done without an answer is found by the next run, not done again", async () => {
  simulator.faults.set({
    webApi: [{ fault: "torn", next: 1, method: "POST", path: "sdkmessageprocessingsteps" }],
  });
  const attempt = await setUp().catch((error: unknown) => error);
  expect(attempt).toMatchObject({ code: "SET_UP_BROKE_OFF", cause: { code: "NO_ANSWER" } });
  expect(counts()).toEqual([1, 1, 0]);
  await setUp();
  expect(counts()).toEqual([1, 10, 10]);
});

test("what is registered is shown with its failed posts, the newest first", async () => {
  await setUp();
  const { tables } = simulator;
  const [step] = tables.rows(STEPS);
  const job = {
    owningextensionid: step?.["sdkmessageprocessingstepid"] ?? null,
    statecode: 3,
    statuscode: 31,
  };
  for (let number = 1; number <= 7; number += 1) {
    const completedon = Date.UTC(2026, 2, 2, 10, number);
    tables.insert("asyncoperations", { ...job, completedon, message: `refused ${number}` });
  }
  tables.insert("asyncoperations", { ...job, statuscode: 30, message: "went well" });
  const one = registration();
  const [webhook, ...others] = await one.readAll(signal);
  if (webhook === undefined) throw new Error("it was made");
  expect(others).toEqual([]);
  const failed = await one.readFailedPosts(webhook.children, signal);
  expect([failed.count, failed.isMore, failed.newest.length]).toEqual([7, false, 5]);
  const lines = describeFound(webhook, KEY, failed);
  expect(lines).toContain("  key        the recorder's");
  expect(lines.filter((line) => line.startsWith("  step "))).toHaveLength(10);
  expect(lines.slice(-5)).toEqual(
    [7, 6, 5, 4, 3].map(
      (number) =>
        `    2026-03-02T10:0${number}:00Z  Deskreel 127.0.0.1:7400: Create msdyn_sessionparticipant: refused ${number}`,
    ),
  );
  expect(describeFound(webhook, "another-key-0000000001", failed).join("\n")).toContain("not the recorder's");
});
