import { afterEach, beforeEach, expect, test } from "vitest";
import type { SimulatedStep } from "../simulated-tables.ts";
import { openSignedIn, type SignedIn } from "../test-client.ts";
import { receiveWebhooks, type WebhookReceiver } from "./webhook-receiver.ts";
import type { WebhookPost } from "./webhook-sender.ts";

const JOINED: SimulatedStep = {
  message: "Update",
  table: "msdyn_sessionparticipant",
  columns: ["msdyn_joinedon", "msdyn_lefton"],
  image: ["msdyn_agentid", "msdyn_mode"],
};
const ADDED: SimulatedStep = { message: "Create", table: "msdyn_sessionparticipant" };

let receiver: WebhookReceiver;
let dynamics: SignedIn;
beforeEach(async () => {
  receiver = await receiveWebhooks();
  dynamics = await openSignedIn();
});
afterEach(async () => {
  await dynamics[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const register = (...steps: SimulatedStep[]) =>
  dynamics.simulator.tables.addWebhook(receiver.url, "the key", steps);
const idle = () => dynamics.simulator.webhooks.idle();
const addParticipant = (name = "Ann") =>
  dynamics.simulator.tables.insert("msdyn_sessionparticipants", { msdyn_name: name });
const join = (id: string) =>
  dynamics.simulator.tables.update("msdyn_sessionparticipants", id, { msdyn_joinedon: Date.now() });
const jobs = () => dynamics.simulator.tables.rows("asyncoperations");
const bodies = () => receiver.posts.map(({ body }) => [body["MessageName"], body["PrimaryEntityId"]]);
const statusesOf = (post: WebhookPost | undefined) => post?.attempts.map(({ status }) => status);

test("a write is posted to the steps of its message and table, with the key and Dynamics' headers", async () => {
  register(JOINED, ADDED);
  const id = addParticipant();
  await idle();
  join(id);
  await idle();
  expect(bodies()).toEqual([
    ["Create", id],
    ["Update", id],
  ]);
  const [, post] = receiver.posts;
  expect(post?.path).toBe("/v1/dataverse-webhook?code=the+key");
  expect(post?.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "x-ms-dynamics-organization": new URL(dynamics.simulator.url).host,
    "x-ms-dynamics-entity-name": "msdyn_sessionparticipant",
    "x-ms-dynamics-request-name": "Update",
    "x-ms-correlation-request-id": post?.body["CorrelationId"],
  });
  expect(post?.headers).not.toHaveProperty("x-ms-dynamics-msg-size-exceeded");
  expect(dynamics.simulator.webhooks.posts().map(({ outcome }) => outcome)).toEqual([
    "delivered",
    "delivered",
  ]);
  expect(jobs()).toEqual([]);
});

test("an update of other columns, a disabled step and a step that was removed set nothing off", async () => {
  const endpoint = register(JOINED);
  const { tables } = dynamics.simulator;
  const id = addParticipant();
  tables.update("msdyn_sessionparticipants", id, { msdyn_name: "Ann B." });
  const [step] = tables.rows("sdkmessageprocessingsteps");
  const stepId = String(step?.["sdkmessageprocessingstepid"]);
  await dynamics.send("PATCH", `sdkmessageprocessingsteps(${stepId})`, { statecode: 1, statuscode: 2 });
  join(id);
  await dynamics.send("PATCH", `sdkmessageprocessingsteps(${stepId})`, { statecode: 0, statuscode: 1 });
  expect((await dynamics.send("DELETE", `sdkmessageprocessingsteps(${stepId})`)).status).toBe(204);
  expect((await dynamics.send("DELETE", `serviceendpoints(${endpoint})`)).status).toBe(204);
  join(id);
  await idle();
  expect([receiver.posts, dynamics.simulator.webhooks.posts()]).toEqual([[], []]);
});

test("a step that was registered by the Web API posts with its image", async () => {
  const { json } = await dynamics.send(
    "POST",
    "serviceendpoints",
    { name: "Deskreel", url: receiver.url, contract: 8, authtype: 4, authvalue: "k" },
    { Prefer: "return=representation" },
  );
  const { tables } = dynamics.simulator;
  const filter = tables.rows("sdkmessagefilters").find((row) => row["primaryobjecttypecode"] === "queue");
  const step = await dynamics.send(
    "POST",
    "sdkmessageprocessingsteps",
    {
      name: "queues",
      stage: 40,
      mode: 1,
      "eventhandler_serviceendpoint@odata.bind": `/serviceendpoints(${String(json["serviceendpointid"])})`,
      "sdkmessageid@odata.bind": `/sdkmessages(${filter?.["sdkmessageid"]})`,
      "sdkmessagefilterid@odata.bind": `/sdkmessagefilters(${filter?.["sdkmessagefilterid"]})`,
    },
    { Prefer: "return=representation" },
  );
  const image = await dynamics.send("POST", "sdkmessageprocessingstepimages", {
    imagetype: 1,
    entityalias: "Whole",
    messagepropertyname: "Id",
    "sdkmessageprocessingstepid@odata.bind": `/sdkmessageprocessingsteps(${String(step.json["sdkmessageprocessingstepid"])})`,
  });
  expect(image.status).toBe(204);
  tables.addQueue("Billing");
  await idle();
  const [post] = receiver.posts;
  expect(post?.body["PostEntityImages"]).toMatchObject([
    { key: "Whole", value: { LogicalName: "queue", FormattedValues: expect.any(Array) as unknown } },
  ]);
  // This step keeps its jobs.
  expect(jobs()).toMatchObject([{ statuscode: 30, messagename: "Create", primaryentitytype: "queue" }]);
});

test.each([502, 503, 504])("after %i the post comes once more", async (status) => {
  dynamics.simulator.faults.set({ webhooks: { retryDelayMs: 1 } });
  register(ADDED);
  receiver.answers.push(status);
  addParticipant();
  await idle();
  const [post] = dynamics.simulator.webhooks.posts();
  expect([statusesOf(post), post?.outcome, receiver.posts.length]).toEqual([[status, 200], "delivered", 2]);
  expect(receiver.posts[0]?.body).toEqual(receiver.posts[1]?.body);
});

test.each<[(number | "never")[], (number | null)[], string]>([
  [[503, 503], [503, 503], "The webhook call failed: status code 503."],
  [[500], [500], "The webhook call failed: status code 500."],
  [[401], [401], "The webhook call failed: status code 401."],
  [[302], [302], "The webhook call failed: status code 302."],
  [[429], [429], "The webhook call failed: status code 429."],
  [["never"], [null], "The webhook call failed: The operation was aborted due to timeout"],
])("answers %j fail the job for good", async (answers, statuses, message) => {
  dynamics.simulator.faults.set({ webhooks: { retryDelayMs: 1, timeoutMs: 500 } });
  register(ADDED);
  receiver.answers.push(...answers);
  const id = addParticipant();
  await idle();
  const [post] = dynamics.simulator.webhooks.posts();
  expect([statusesOf(post), post?.outcome]).toEqual([statuses, "failed"]);
  const [step] = dynamics.simulator.tables.rows("sdkmessageprocessingsteps");
  const { json } = await dynamics.get(
    `asyncoperations?$filter=_owningextensionid_value eq ${step?.["sdkmessageprocessingstepid"]} and statuscode eq 31`,
  );
  expect(json["value"]).toMatchObject([
    {
      asyncoperationid: receiver.posts[0]?.body["OperationId"],
      statecode: 3,
      message: expect.stringContaining(message) as string,
      _regardingobjectid_value: id,
      retrycount: statuses.length - 1,
    },
  ]);
});

test("nobody listening fails the job at once", async () => {
  register(ADDED);
  await receiver[Symbol.asyncDispose]();
  addParticipant();
  await idle();
  expect(dynamics.simulator.webhooks.posts()).toMatchObject([
    {
      outcome: "failed",
      attempts: [{ status: null, error: expect.stringContaining("ECONNREFUSED") as string }],
    },
  ]);
});

/** What a run of 200 writes came to: the outcome of each, and what was received, in the order of its coming. */
async function run(seed: number): Promise<{ fates: string[]; received: number[] }> {
  await using own = await openSignedIn({
    faults: {
      seed,
      webhooks: {
        loss: 0.2,
        duplicate: 0.2,
        reorder: 0.2,
        reorderMs: 50,
        delayMs: [0, 20],
        sizeExceeded: 0.2,
      },
    },
  });
  await using endpoint = await receiveWebhooks();
  own.simulator.tables.addWebhook(endpoint.url, "k", [ADDED]);
  const ids = Array.from({ length: 200 }, (_, index) =>
    own.simulator.tables.insert("msdyn_sessionparticipants", { msdyn_name: `${index}` }),
  );
  await own.simulator.webhooks.idle();
  const posts = own.simulator.webhooks.posts();
  return {
    fates: posts.map(
      ({ rowId, outcome, isDuplicate, isSizeExceeded }) =>
        `${ids.indexOf(rowId)} ${outcome} ${isDuplicate ? "again" : ""} ${isSizeExceeded ? "bare" : ""}`,
    ),
    received: endpoint.posts.map(({ body }) => ids.indexOf(String(body["PrimaryEntityId"]))),
  };
}

test("losses, duplicates, bare posts and their order come from the seed", async () => {
  const [first, same, other] = [await run(7), await run(7), await run(8)];
  expect(first.fates).toEqual(same.fates);
  expect(first.fates).not.toEqual(other.fates);
  const share = (word: string) => first.fates.filter((fate) => fate.includes(word)).length / 200;
  for (const word of ["lost", "again", "bare"]) {
    // 200 draws at 0.2: three standard deviations are 0.085.
    expect(share(word), word).toBeGreaterThan(0.1);
    expect(share(word), word).toBeLessThan(0.3);
  }
  const { received } = first;
  expect(received.length).toBe(first.fates.filter((fate) => fate.includes("delivered")).length);
  expect(received.some((index, place) => index < (received[place - 1] ?? -1))).toBe(true);
});

test("a post above 256 KB comes without its rows, and says so", async () => {
  register(ADDED);
  const large = "x".repeat(300 * 1024);
  const id = dynamics.simulator.tables.insert("msdyn_sessionparticipants", { msdyn_name: large });
  await idle();
  const [post] = receiver.posts;
  expect(post?.headers["x-ms-dynamics-msg-size-exceeded"]).toBe("true");
  expect(post?.body).toMatchObject({ PrimaryEntityId: id });
  for (const removed of ["ParentContext", "InputParameters", "PreEntityImages", "PostEntityImages"]) {
    expect(post?.body).not.toHaveProperty(removed);
  }
});

test("posts that wait for their time end with the simulator", async () => {
  await using own = await openSignedIn({ faults: { webhooks: { delayMs: [60_000, 60_000] } } });
  own.simulator.tables.addWebhook(receiver.url, "k", [ADDED]);
  own.simulator.tables.insert("msdyn_sessionparticipants", {});
  const { webhooks } = own.simulator;
  expect(webhooks.posts()).toMatchObject([{ outcome: null, attempts: [] }]);
  await own[Symbol.asyncDispose]();
  expect([webhooks.posts()[0]?.outcome, receiver.posts]).toEqual(["stopped", []]);
});
