import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HandClock, type Json, openSignedIn, type SignedIn } from "../test-client.ts";

const NOW = Date.UTC(2026, 2, 2, 10, 21, 44, 730);
const ANN = { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" };

let clock: HandClock;
let dynamics: SignedIn;
let ann: string;
let conversations: string[];

beforeAll(async () => {
  clock = new HandClock(NOW);
  dynamics = await openSignedIn({ clock });
  const { tables } = dynamics.simulator;
  ann = tables.addAgent(ANN);
  conversations = [0, 1, 2, 3, 4].map((minute) => {
    const times = { startedAt: NOW + minute * 60_000, closedAt: NOW + minute * 60_000 + 30_000 };
    return tables.addConversation(times, {
      subject: `Call ${minute}`,
      msdyn_activeagentid: minute === 0 ? ann : null,
    });
  });
});
afterAll(() => dynamics[Symbol.asyncDispose]());

const rowsOf = (json: Json) => json["value"] as Json[];
const subjectsOf = (json: Json) => rowsOf(json).map((row) => row["subject"]);

test("a set answers with the selected properties, the key and the version; times are whole seconds", async () => {
  const answer = await dynamics.get(
    "msdyn_ocliveworkitems?$select=subject,_msdyn_activeagentid_value,msdyn_closedon&$filter=subject eq 'Call 0'",
  );
  expect([answer.status, answer.headers.get("OData-Version")]).toEqual([200, "4.0"]);
  expect(answer.headers.get("Content-Type")).toContain("application/json; odata.metadata=minimal");
  expect(answer.json).toEqual({
    "@odata.context": `${dynamics.simulator.url}/api/data/v9.2/$metadata#msdyn_ocliveworkitems(subject,_msdyn_activeagentid_value,msdyn_closedon)`,
    value: [
      {
        "@odata.etag": `W/"${dynamics.simulator.tables.row("msdyn_ocliveworkitems", conversations[0] ?? "")?.["versionnumber"]}"`,
        subject: "Call 0",
        _msdyn_activeagentid_value: ann,
        msdyn_closedon: "2026-03-02T10:22:14Z",
        activityid: conversations[0],
      },
    ],
  });
});

test("without $select every column of the row is there, lookups by value", async () => {
  const { json } = await dynamics.get(`systemusers(${ann})`);
  expect(json).toMatchObject({ fullname: ANN.name, domainname: ANN.upn, msdyn_botapplicationid: null });
  const conversation = await dynamics.get(`msdyn_ocliveworkitems(${conversations[0]})`);
  expect(Object.keys(conversation.json)).toContain("_msdyn_cdsqueueid_value");
  expect(Object.keys(conversation.json)).not.toContain("msdyn_cdsqueueid");
});

test.each([
  ["$filter=msdyn_createdon ge 2026-03-02T10:23:44Z", ["Call 2", "Call 3", "Call 4"]],
  ["$filter=msdyn_createdon%20gt%202026-03-02T10:23:44Z and statecode eq 1", ["Call 3", "Call 4"]],
  ["$filter=_msdyn_activeagentid_value+ne+null", ["Call 0"]],
  ["$filter=subject eq 'Call 1' or (subject eq 'Call 2' and not (statecode eq 0))", ["Call 1", "Call 2"]],
])("%s picks the rows", async (filter, subjects) => {
  const { json } = await dynamics.get(`msdyn_ocliveworkitems?${filter}&$orderby=msdyn_createdon`);
  expect(subjectsOf(json)).toEqual(subjects);
});

test("rows come in the order asked for, cut by $top", async () => {
  const { json } = await dynamics.get(
    "msdyn_ocliveworkitems?$orderby=statecode asc,msdyn_closedon desc&$top=2",
  );
  expect(subjectsOf(json)).toEqual(["Call 4", "Call 3"]);
  expect(json).not.toHaveProperty("@odata.nextLink");
});

test("labels come only with the annotations that Prefer asks for", async () => {
  const path = `msdyn_ocliveworkitems(${conversations[0]})?$select=statuscode,msdyn_channel,_msdyn_activeagentid_value`;
  const all = await dynamics.get(path, { Prefer: 'odata.include-annotations="*"' });
  expect(all.headers.get("Preference-Applied")).toBe('odata.include-annotations="*"');
  expect(all.json).toMatchObject({
    statuscode: 4,
    "statuscode@OData.Community.Display.V1.FormattedValue": "Closed",
    "msdyn_channel@OData.Community.Display.V1.FormattedValue": "Voice call",
    "_msdyn_activeagentid_value@OData.Community.Display.V1.FormattedValue": "Ann Agent",
    "_msdyn_activeagentid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "systemuser",
  });
  const some = await dynamics.get(path, { Prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.*"' });
  expect(Object.keys(some.json).filter((key) => key.includes("@") && !key.startsWith("@"))).toEqual([
    "_msdyn_activeagentid_value@Microsoft.Dynamics.CRM.associatednavigationproperty",
    "_msdyn_activeagentid_value@Microsoft.Dynamics.CRM.lookuplogicalname",
  ]);
  const none = await dynamics.get(path);
  expect(Object.keys(none.json).filter((key) => key.includes("@"))).toEqual([
    "@odata.context",
    "@odata.etag",
  ]);
});

test("a single row carries its version as ETag, which a write changes", async () => {
  const path = `queues(${dynamics.simulator.tables.addQueue("Billing")})?$select=name`;
  const before = await dynamics.get(path);
  expect(before.headers.get("ETag")).toBe(before.json["@odata.etag"]);
  dynamics.simulator.tables.update("queues", String(before.json["queueid"]), { name: "Sales" });
  const after = await dynamics.get(path);
  expect(after.json).toMatchObject({ name: "Sales" });
  expect(after.headers.get("ETag")).not.toBe(before.headers.get("ETag"));
});

test("pages are followed by their links, verbatim", async () => {
  const prefer = { Prefer: "odata.maxpagesize=2" };
  const query = "msdyn_ocliveworkitems?$select=subject&$filter=statecode%20eq%201&$orderby=msdyn_createdon";
  const pages: unknown[][] = [];
  let next: unknown = query;
  while (typeof next === "string") {
    const { json, headers } = await dynamics.get(next, prefer);
    expect(headers.get("Preference-Applied")).toBe("odata.maxpagesize=2");
    pages.push(subjectsOf(json));
    next = json["@odata.nextLink"];
    if (next !== undefined)
      expect(next).toContain(`${dynamics.simulator.url}/api/data/v9.2/${query}&$skiptoken=`);
  }
  expect(pages).toEqual([["Call 0", "Call 1"], ["Call 2", "Call 3"], ["Call 4"]]);
});

test("rows that change and rows that come between two pages shift no other row out of sight", async () => {
  await using own = await openSignedIn({ clock });
  const { tables } = own.simulator;
  const ids = [0, 1, 2, 3].map((second) => {
    clock.at = NOW + second * 1000;
    return tables.insert("queues", { name: `Queue ${second}` });
  });
  const prefer = { Prefer: "odata.maxpagesize=2" };
  const first = await own.get("queues?$orderby=modifiedon asc", prefer);
  clock.at = NOW + 9_000;
  tables.update("queues", ids[0] ?? "", { name: "Queue 0 again" });
  tables.insert("queues", { name: "Queue 4" });
  const names = rowsOf(first.json).map((row) => row["name"]);
  let next = first.json["@odata.nextLink"];
  while (typeof next === "string") {
    const { json } = await own.get(next, prefer);
    names.push(...rowsOf(json).map((row) => row["name"]));
    next = json["@odata.nextLink"];
  }
  expect(names.slice(0, 4)).toEqual(["Queue 0", "Queue 1", "Queue 2", "Queue 3"]);
  expect(new Set(names.slice(4))).toEqual(new Set(["Queue 0 again", "Queue 4"]));
});

test("a link whose query was changed is refused", async () => {
  const { json } = await dynamics.get("msdyn_ocliveworkitems?$select=subject", {
    Prefer: "odata.maxpagesize=2",
  });
  const altered = String(json["@odata.nextLink"]).replace("$select=subject", "$select=statecode");
  const answer = await dynamics.get(altered);
  expect([answer.status, answer.json]).toEqual([
    400,
    {
      error: {
        code: "0x80060888",
        message:
          "Malformed $skiptoken: it was made for other query options; follow @odata.nextLink verbatim.",
      },
    },
  ]);
});

const NOBODY = "00000000-0000-4000-8000-000000000000";
test.each([
  ["accounts", 404, "0x8006088a", "Resource not found for the segment 'accounts'."],
  ["Queues", 404, "0x8006088a", "Resource not found for the segment 'Queues'."],
  [`queues(${NOBODY})`, 404, "0x80040217", `Entity 'queue' With Id = ${NOBODY} Does Not Exist`],
  ["queues(7)", 404, "0x8006088a", "Resource not found for the segment 'queues(7)'."],
  [
    "queues?$select=colour",
    400,
    "0x0",
    "Could not find a property named 'colour' on type 'Microsoft.Dynamics.CRM.queue'.",
  ],
  ["queues?$filter=name eq", 400, "0x80060888", "Syntax error at position 7 in 'name eq'."],
  ["queues?$skip=1", 400, "0x80060888", "Skip Clause is not supported in CRM"],
  [
    `queues(${NOBODY})?$filter=name eq 'x'`,
    501,
    "0x80060888",
    "the Dynamics simulator does not know the query option $filter on a row",
  ],
])("GET %s is refused in Dataverse's form", async (path, status, code, message) => {
  const answer = await dynamics.get(path);
  expect([answer.status, answer.json]).toEqual([status, { error: { code, message } }]);
});

test("requests are kept for tests to look at", async () => {
  const { simulator } = dynamics;
  simulator.requests.clear();
  await dynamics.get("queues?$top=1", { Prefer: "odata.maxpagesize=2" });
  await expect
    .poll(() => simulator.requests.all())
    .toEqual([
      {
        at: clock.at,
        method: "GET",
        url: "/api/data/v9.2/queues?$top=1",
        status: 200,
        prefer: "odata.maxpagesize=2",
        range: null,
        authorized: true,
      },
    ]);
});

test("a request that names another host is refused", async () => {
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${dynamics.simulator.url}/simulator/calls`, { headers: { Host: "evil.example" } });
    asked
      .once("response", (response) => resolve(response.resume().statusCode))
      .once("error", reject)
      .end();
  });
  expect(status).toBe(421);
});
