import { expect, test } from "vitest";
import { readConversations } from "./conversation-rows.ts";
import { listChangedRecordings, readRecording } from "./recording-rows.ts";
import { openEnvironment } from "./testing/environment.ts";

const { signal } = new AbortController();
const START = Date.UTC(2026, 2, 2, 10);

test("rows come page by page, all of them, once, by the links as they are", async () => {
  await using environment = await openEnvironment();
  const { client, simulator } = environment;
  const conversation = simulator.tables.addConversation({ startedAt: START, closedAt: START });
  const ids = Array.from({ length: 501 }, () => simulator.tables.addRecordingRow(conversation));
  const pages: string[][] = [];
  for await (const rows of listChangedRecordings(client, Date.now() - 60_000, signal)) {
    pages.push(rows.map(({ sourceId }) => sourceId));
  }
  expect(pages.map((page) => page.length)).toEqual([500, 1]);
  expect(pages.flat().sort()).toEqual(ids.sort());
  expect(
    new Set(
      simulator.requests
        .all()
        .filter(({ url }) => url.includes("ocrecordings"))
        .map(({ prefer }) => prefer),
    ),
  ).toEqual(new Set(["odata.maxpagesize=500"]));
});

test("only what changed since is listed", async () => {
  await using environment = await openEnvironment();
  const { client, simulator } = environment;
  simulator.tables.addRecordingRow(simulator.tables.addConversation({ startedAt: START, closedAt: START }));
  for await (const rows of listChangedRecordings(client, Date.now() + 60_000, signal))
    expect(rows).toEqual([]);
});

test("one token serves many requests; when it is refused, one new one is got", async () => {
  await using environment = await openEnvironment();
  const { client, simulator } = environment;
  const id = simulator.tables.addRecordingRow(
    simulator.tables.addConversation({ startedAt: START, closedAt: START }),
  );
  await readRecording(client, id, signal);
  await readRecording(client, id, signal);
  simulator.expireTokens();
  expect(await readRecording(client, id, signal)).toMatchObject({ sourceId: id, soundId: null });
  const statuses = simulator.requests.all().map(({ method, status }) => `${method} ${status}`);
  expect(statuses).toEqual(["POST 200", "GET 200", "GET 200", "GET 401", "POST 200", "GET 200"]);
});

test("a refused secret is told with Entra's number, and without the secret", async () => {
  await using environment = await openEnvironment({ clientSecret: "wrong-secret" });
  const attempt = readConversations(environment.client, ["a1c20b02-4e38-4f11-a315-000d3a5a54dc"], signal);
  const error = await attempt.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "AADSTS7000215", status: 401 });
  expect(String(error)).not.toContain("wrong-secret");
});

test("a row that is gone is null, a session that Dynamics does not know is left out", async () => {
  await using environment = await openEnvironment();
  const { client, simulator } = environment;
  expect(await readRecording(client, "5b1f0a52-1111-4011-8c4e-000d3a5a54dc", signal)).toBeNull();
  const known = simulator.tables.addConversation({ startedAt: START, closedAt: START + 1 });
  const open = simulator.tables.addConversation(
    { startedAt: START, closedAt: START },
    { statecode: 0, statuscode: 2 },
  );
  const unknown = "a1c20b02-4e38-4f11-a315-000d3a5a54dd";
  const conversations = await readConversations(client, [known, open, unknown, "not-a-guid"], signal);
  expect(conversations).toEqual(
    new Map([
      [known, { closed: true, startedOn: START, participants: [] }],
      [open, { closed: false, startedOn: START, participants: [] }],
    ]),
  );
});

test("who took part in a closed session is read with the session", async () => {
  await using environment = await openEnvironment();
  const { client, simulator } = environment;
  const { tables } = simulator;
  const conversation = tables.addConversation({ startedAt: START, closedAt: START + 60_000 });
  const session = tables.insert("msdyn_ocsessions", {
    msdyn_liveworkitemid: conversation,
    statecode: 1,
    statuscode: 2,
  });
  const agent = tables.addAgent({
    entraId: "a0000000-0000-4000-8000-000000000001",
    upn: "ann@contoso.com",
    name: "Ann",
  });
  const participant = { msdyn_omnichannelsession: session, msdyn_agentid: agent };
  const joined = { ...participant, msdyn_joinedon: START + 5_000, msdyn_lefton: START + 50_000 };
  tables.insert("msdyn_sessionparticipants", { ...joined, msdyn_mode: 192_350_002 });
  tables.insert("msdyn_sessionparticipants", { ...participant, msdyn_mode: 192_350_004 });
  const conversations = await readConversations(client, [conversation], signal);
  expect(conversations.get(conversation)?.participants).toEqual([
    { agentId: agent, joinedOn: null, leftOn: null, speaks: false },
    { agentId: agent, joinedOn: START + 5_000, leftOn: START + 50_000, speaks: true },
  ]);
});
