/** The simulator as a client by somebody else sees it: dynamics-web-api, written against Microsoft's Dataverse. */
import { DynamicsWebApi } from "dynamics-web-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DynamicsSimulator, startDynamics } from "../simulator.ts";
import { requestToken } from "../test-client.ts";
import { silentLog } from "#shared/runtime/log.ts";

const RECORDED = new Uint8Array([1, 2, 3]);

let simulator: DynamicsSimulator;
let client: DynamicsWebApi;
beforeAll(async () => {
  simulator = await startDynamics({ log: silentLog() });
  client = new DynamicsWebApi({
    serverUrl: simulator.url,
    dataApi: { version: "9.2" },
    onTokenRefresh: async () => {
      const { access_token } = (await (await requestToken(simulator)).json()) as { access_token: string };
      return access_token;
    },
  });
});
afterAll(() => simulator[Symbol.asyncDispose]());

test("it reads a row with annotations", async () => {
  const key = simulator.tables.addQueue("Billing");
  const row = await client.retrieve({
    collection: "queues",
    key,
    select: ["name", "statecode"],
    includeAnnotations: "*",
  });
  expect(row).toMatchObject({
    queueid: key,
    name: "Billing",
    "statecode@OData.Community.Display.V1.FormattedValue": "Active",
  });
});

test("it reads a page, and all pages", async () => {
  for (let index = 0; index < 5; index += 1) {
    simulator.tables.insert("msdyn_ocliveworkitems", { subject: `Call ${index}`, statecode: 1 });
  }
  const query = {
    collection: "msdyn_ocliveworkitems",
    select: ["subject"],
    filter: "statecode eq 1",
    orderBy: ["subject desc"],
    maxPageSize: 2,
  };
  const page = await client.retrieveMultiple(query);
  expect(page.value.map((row) => row["subject"])).toEqual(["Call 4", "Call 3"]);
  expect(page.oDataNextLink).toContain("$skiptoken=");
  const all = await client.retrieveAll(query);
  expect(all.value.map((row) => row["subject"])).toEqual(["Call 4", "Call 3", "Call 2", "Call 1", "Call 0"]);
});

test("it registers a webhook, changes and removes it", async () => {
  const endpoint = { name: "theirs", url: "https://contoso.com/x", contract: 8, authtype: 4, authvalue: "k" };
  const key = (await client.create({ collection: "serviceendpoints", data: endpoint })) as unknown as string;
  expect(simulator.tables.row("serviceendpoints", key)).toMatchObject({ name: "theirs", authvalue: "k" });
  const made = await client.create({
    collection: "serviceendpoints",
    data: endpoint,
    returnRepresentation: true,
  });
  expect(made).toMatchObject({ name: "theirs", isauthvalueset: true });
  await client.update({ collection: "serviceendpoints", key, data: { name: "ours" } });
  expect(simulator.tables.row("serviceendpoints", key)).toMatchObject({ name: "ours", authvalue: "k" });
  await client.deleteRecord({ collection: "serviceendpoints", key });
  expect(simulator.tables.row("serviceendpoints", key)).toBeUndefined();
});

test("it asks for a recording's link", async () => {
  const conversation = simulator.tables.addConversation({ startedAt: Date.now(), closedAt: Date.now() });
  const recording = simulator.tables.addRecording(conversation, { format: "mp3", bytes: RECORDED });
  const answer = await client.callFunction<{ Result: { SasUrl: string; FileSizeInBytes: number } }>({
    functionName: "GetFileSasUrl",
    parameters: {
      Target: { "@odata.id": `msdyn_ocrecordings(${recording})` },
      FileAttributeName: "msdyn_recording",
    },
  });
  expect(answer.Result.FileSizeInBytes).toBe(3);
  const blob = await fetch(answer.Result.SasUrl);
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(RECORDED);
});

test("it understands refusals, and when to come back", async () => {
  simulator.faults.set({ webApi: [{ fault: "too-many-requests", next: 1, retryAfterS: 9 }] });
  await expect(client.retrieveMultiple({ collection: "queues" })).rejects.toMatchObject({
    status: 429,
    code: "0x80072322",
    headers: { "retry-after": "9" },
  });
  await expect(
    client.retrieve({ collection: "queues", key: "00000000-0000-4000-8000-000000000000" }),
  ).rejects.toMatchObject({
    status: 404,
    code: "0x80040217",
    message: expect.stringContaining("Does Not Exist") as string,
  });
});
