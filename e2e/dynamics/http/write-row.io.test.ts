import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, type Json, openSignedIn, type SignedIn } from "../test-client.ts";

let dynamics: SignedIn;
beforeAll(async () => {
  dynamics = await openSignedIn();
});
afterAll(() => dynamics[Symbol.asyncDispose]());

const ENDPOINT = {
  name: "Deskreel",
  url: "https://recorder.contoso.com/v1/dataverse-webhook",
  contract: 8,
  authtype: 4,
  authvalue: "the key",
};
const idOf = (answer: Answer) => /\(([^)]+)\)$/.exec(answer.headers.get("OData-EntityId") ?? "")?.[1] ?? "";
const errorOf = (answer: Answer) => answer.json["error"] as { code: string; message: string };

async function createEndpoint(changes: Json = {}): Promise<string> {
  return idOf(await dynamics.send("POST", "serviceendpoints", { ...ENDPOINT, ...changes }));
}

/** The ids of a message and of its filter for a table. */
async function findTrigger(message: string, table: string): Promise<{ message: string; filter: string }> {
  const messages = await dynamics.get(`sdkmessages?$select=name&$filter=name eq '${message}'`);
  const messageId = String((messages.json["value"] as Json[])[0]?.["sdkmessageid"]);
  const filters = await dynamics.get(
    `sdkmessagefilters?$select=sdkmessagefilterid&$filter=_sdkmessageid_value eq ${messageId} and primaryobjecttypecode eq '${table}'`,
  );
  const rows = filters.json["value"] as Json[];
  expect(rows.length).toBe(1);
  return { message: messageId, filter: String(rows[0]?.["sdkmessagefilterid"]) };
}

async function stepBody(endpoint: string, message = "Update", changes: Json = {}): Promise<Json> {
  const trigger = await findTrigger(message, "msdyn_sessionparticipant");
  return {
    name: `Deskreel: ${message} of msdyn_sessionparticipant`,
    stage: 40,
    mode: 1,
    rank: 1,
    supporteddeployment: 0,
    asyncautodelete: true,
    ...(message === "Update" ? { filteringattributes: "msdyn_joinedon,msdyn_lefton" } : {}),
    "eventhandler_serviceendpoint@odata.bind": `/serviceendpoints(${endpoint})`,
    "sdkmessageid@odata.bind": `sdkmessages(${trigger.message})`,
    "sdkmessagefilterid@odata.bind": `${dynamics.simulator.url}/api/data/v9.2/sdkmessagefilters(${trigger.filter})`,
    ...changes,
  };
}

const imageBody = (step: string): Json => ({
  name: "PostImage",
  entityalias: "PostImage",
  imagetype: 1,
  messagepropertyname: "Target",
  attributes: "msdyn_agentid,msdyn_mode",
  "sdkmessageprocessingstepid@odata.bind": `/sdkmessageprocessingsteps(${step})`,
});

test("an endpoint is made, answered with its address, and never tells its key", async () => {
  const answer = await dynamics.send("POST", "serviceendpoints", ENDPOINT);
  const id = idOf(answer);
  expect([answer.status, answer.json, answer.headers.get("OData-EntityId")]).toEqual([
    204,
    {},
    `${dynamics.simulator.url}/api/data/v9.2/serviceendpoints(${id})`,
  ]);
  const { json } = await dynamics.get(`serviceendpoints(${id})`);
  expect(json).toMatchObject({ name: "Deskreel", contract: 8, authtype: 4, isauthvalueset: true });
  expect(JSON.stringify(json)).not.toContain("the key");
  const asked = await dynamics.get(`serviceendpoints(${id})?$select=authvalue`);
  expect([asked.status, errorOf(asked).code]).toEqual([400, "0x0"]);
});

test("the row comes back when the request asks for it", async () => {
  const prefer = { Prefer: "return=representation" };
  const made = await dynamics.send("POST", "serviceendpoints?$select=name", ENDPOINT, prefer);
  expect([made.status, made.headers.get("Preference-Applied")]).toEqual([201, "return=representation"]);
  expect(made.json).toMatchObject({ name: "Deskreel", serviceendpointid: idOf(made) });
  const changed = await dynamics.send("PATCH", `serviceendpoints(${idOf(made)})`, { name: "B" }, prefer);
  expect([changed.status, changed.json["name"]]).toEqual([200, "B"]);
});

test("a step binds its endpoint, message and table; an image its step; a deleted step takes its images along", async () => {
  const endpoint = await createEndpoint();
  const step = idOf(await dynamics.send("POST", "sdkmessageprocessingsteps", await stepBody(endpoint)));
  const image = await dynamics.send("POST", "sdkmessageprocessingstepimages", imageBody(step));
  expect(image.status).toBe(204);
  const { json } = await dynamics.get(
    `sdkmessageprocessingsteps?$filter=_eventhandler_value eq ${endpoint}&$select=filteringattributes,statecode,_eventhandler_value`,
  );
  expect(json["value"]).toMatchObject([
    {
      sdkmessageprocessingstepid: step,
      filteringattributes: "msdyn_joinedon,msdyn_lefton",
      statecode: 0,
      _eventhandler_value: endpoint,
    },
  ]);

  const refused = await dynamics.send("DELETE", `serviceendpoints(${endpoint})`);
  expect([refused.status, errorOf(refused)]).toEqual([
    400,
    {
      code: "0x8004f01f",
      message: `The ServiceEndpoint(${endpoint}) component cannot be deleted because it is referenced by 1 other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.`,
    },
  ]);
  expect((await dynamics.send("DELETE", `sdkmessageprocessingsteps(${step})`)).status).toBe(204);
  expect((await dynamics.get(`sdkmessageprocessingstepimages(${idOf(image)})`)).status).toBe(404);
  expect((await dynamics.send("DELETE", `serviceendpoints(${endpoint})`)).status).toBe(204);
  expect((await dynamics.send("DELETE", `serviceendpoints(${endpoint})`)).status).toBe(404);
});

test("a change touches what it names; a row that is not there is made only when that is not ruled out", async () => {
  const id = await createEndpoint();
  const changed = await dynamics.send(
    "PATCH",
    `serviceendpoints(${id})`,
    { url: "https://b.contoso.com/x" },
    { "If-Match": "*" },
  );
  expect(changed.status).toBe(204);
  const { json } = await dynamics.get(`serviceendpoints(${id})`);
  expect(json).toMatchObject({ name: "Deskreel", url: "https://b.contoso.com/x", isauthvalueset: true });
  const unknown = "00000000-0000-4000-8000-000000000077";
  const path = `serviceendpoints(${unknown})`;
  expect((await dynamics.send("PATCH", path, ENDPOINT, { "If-Match": "*" })).status).toBe(404);
  expect((await dynamics.send("PATCH", path, ENDPOINT)).status).toBe(204);
  expect((await dynamics.send("PATCH", path, ENDPOINT, { "If-None-Match": "*" })).status).toBe(412);
  expect((await dynamics.send("PATCH", path, ENDPOINT, { "If-Match": 'W/"1"' })).status).toBe(412);
});

test.each<[string, Json, number, string, RegExp]>([
  [
    "an unknown column",
    { colour: "red" },
    400,
    "0x80048d19",
    /Invalid property 'colour' was found in entity/,
  ],
  [
    "an unknown navigation",
    { "owner@odata.bind": "/systemusers(1)" },
    400,
    "0x80048d19",
    /undeclared property 'owner'/,
  ],
  ["a number as text", { contract: "8" }, 400, "0x80048d19", /Cannot convert the literal '8'/],
  ["a number of no label", { contract: 99 }, 400, "0x80040203", /'contract' .* is outside the valid range/],
  ["no name", { name: null }, 400, "0x80040203", /'name' is missing/],
  ["an odd port", { url: "https://contoso.com:8443/" }, 400, "0x80040203", /only 80 and 443 are allowed/],
  ["a system column", { createdon: "2026-03-02T10:00:00Z" }, 400, "0x80040203", /cannot be written/],
  ["a queue", { contract: 2 }, 501, "0x80060888", /other than webhooks/],
])("an endpoint with %s is refused", async (_what, changes, status, code, message) => {
  const answer = await dynamics.send("POST", "serviceendpoints", { ...ENDPOINT, ...changes });
  expect([answer.status, errorOf(answer)]).toEqual([
    status,
    { code, message: expect.stringMatching(message) as string },
  ]);
});

const NOBODY = "00000000-0000-4000-8000-000000000000";
test.each<[string, Json, number, string, RegExp]>([
  [
    "an endpoint that is not there",
    { "eventhandler_serviceendpoint@odata.bind": `/serviceendpoints(${NOBODY})` },
    404,
    "0x80040217",
    /Does Not Exist/,
  ],
  [
    "a reference to another table",
    { "sdkmessageid@odata.bind": `/queues(${NOBODY})` },
    400,
    "0x80060888",
    /not of type 'sdkmessage'/,
  ],
  [
    "a malformed reference",
    { "sdkmessageid@odata.bind": "Update" },
    400,
    "0x80060888",
    /Invalid value "Update"/,
  ],
  [
    "a lookup's value",
    { _eventhandler_value: NOBODY },
    400,
    "0x80060888",
    /Use Navigation properties instead/,
  ],
  [
    "a column that the table lacks",
    { filteringattributes: "colour" },
    400,
    "0x80040203",
    /no attribute 'colour'/,
  ],
  ["another stage", { stage: 20 }, 400, "0x80040203", /Post-operation/],
  ["the synchronous mode", { mode: 0 }, 501, "0x80060888", /synchronous steps/],
])("a step with %s is refused", async (_what, changes, status, code, message) => {
  const body = await stepBody(await createEndpoint(), "Update", changes);
  const answer = await dynamics.send("POST", "sdkmessageprocessingsteps", body);
  expect([answer.status, errorOf(answer)]).toEqual([
    status,
    { code, message: expect.stringMatching(message) as string },
  ]);
});

test("an image of a new row hangs on the property Id, of a changed one on Target", async () => {
  const body = await stepBody(await createEndpoint(), "Create");
  const step = idOf(await dynamics.send("POST", "sdkmessageprocessingsteps", body));
  const refused = await dynamics.send("POST", "sdkmessageprocessingstepimages", imageBody(step));
  expect([refused.status, errorOf(refused).message]).toEqual([
    400,
    "The message property 'Target' is not valid for message Create; it is 'Id'.",
  ]);
  const taken = await dynamics.send("POST", "sdkmessageprocessingstepimages", {
    ...imageBody(step),
    messagepropertyname: "Id",
  });
  expect(taken.status).toBe(204);
});

test.each([
  ["POST", `queues`, 501],
  ["POST", `serviceendpoints(${NOBODY})`, 405],
  ["PUT", "serviceendpoints", 405],
  ["DELETE", "serviceendpoints", 405],
  ["POST", "accounts", 404],
] as const)("%s %s answers %i", async (method, path, status) => {
  expect((await dynamics.send(method, path, {})).status).toBe(status);
});

test("a body that is no JSON object is refused", async () => {
  const answer = await dynamics.send("POST", "serviceendpoints", [1] as unknown as Json);
  expect([answer.status, errorOf(answer).message]).toEqual([400, expect.stringMatching(/JSON object/)]);
  const text = { "Content-Type": "text/plain" };
  expect((await dynamics.send("POST", "serviceendpoints", ENDPOINT, text)).status).toBe(415);
});

test("the definition of a table says that its changes are not tracked", async () => {
  const answer = await dynamics.get(
    "EntityDefinitions(LogicalName='msdyn_ocrecording')?$select=ChangeTrackingEnabled",
  );
  expect([answer.status, answer.json]).toEqual([
    200,
    {
      "@odata.context": `${dynamics.simulator.url}/api/data/v9.2/$metadata#EntityDefinitions(ChangeTrackingEnabled)/$entity`,
      ChangeTrackingEnabled: false,
      MetadataId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    },
  ]);
  expect((await dynamics.get("EntityDefinitions(LogicalName='account')")).status).toBe(404);
});
