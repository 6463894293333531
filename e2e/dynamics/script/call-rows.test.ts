import { beforeEach, expect, test } from "vitest";
import type { Row } from "../dataverse/columns.ts";
import { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import { CallRows } from "./call-rows.ts";
import { parseCallScript, type ScriptedEvent } from "./call-script.ts";

const START = Date.UTC(2026, 2, 2, 10);
const CONVERSATION = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
const ANN = { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" };
const BOB = {
  entraId: "a0000000-0000-4000-8000-000000000002",
  upn: "bob@contoso.com",
  name: "Bob Backoffice",
};

let store: DataverseStore;
let rows: CallRows;
let seconds: number;

beforeEach(() => {
  seconds = 0;
  store = new DataverseStore({ now: () => START + seconds * 1000 });
  const script = parseCallScript({
    customer: "+14255550100",
    queue: "Billing",
    agents: { ann: ANN, bob: BOB },
    events: [{ atMs: 0, type: "ringing", agent: "ann" }],
  });
  rows = new CallRows(store, script, CONVERSATION, START);
});

function play(
  atSecond: number,
  agent: string,
  type: ScriptedEvent["type"],
  as: ScriptedEvent["as"] = "primary",
) {
  seconds = atSecond;
  rows.apply({ atMs: atSecond * 1000, type, agent, as }, START + atSecond * 1000);
}

/** The columns asked for; times as seconds after the start. */
function pick(row: Row | undefined, ...columns: string[]) {
  const cells = columns.map((column) => {
    const cell = row?.[column] ?? null;
    return [column, typeof cell === "number" && cell >= START ? (cell - START) / 1000 : cell];
  });
  return Object.fromEntries(cells) as Record<string, unknown>;
}

const conversation = (...columns: string[]) =>
  pick(store.get(ENTITY_TYPES.conversations, CONVERSATION), ...columns);
const participants = (...columns: string[]) =>
  store.rows(ENTITY_TYPES.participants).map((row) => pick(row, ...columns));
const sessions = (...columns: string[]) =>
  store.rows(ENTITY_TYPES.sessions).map((row) => pick(row, ...columns));

test("an answered call goes open, active, wrap-up, closed, as its events come", () => {
  const seen = [
    conversation("statecode", "statuscode", "msdyn_statuschangereason", "msdyn_conversationactivitystate"),
  ];
  const steps: [number, ScriptedEvent["type"]][] = [
    [0, "ringing"],
    [3, "connected"],
    [5, "on-hold"],
    [9, "hold-done"],
    [12, "wrap-up"],
    [15, "agent-available"],
  ];
  for (const [at, type] of steps) {
    play(at, "ann", type);
    seen.push(
      conversation("statecode", "statuscode", "msdyn_statuschangereason", "msdyn_conversationactivitystate"),
    );
  }
  expect(seen.map((one) => Object.values(one))).toEqual([
    [0, 1, 192350001, 0],
    [0, 2, 192350002, 0],
    [0, 2, 192350003, 1],
    [0, 2, 192350003, 2],
    [0, 2, 192350003, 1],
    [0, 5, 192350005, 3],
    [1, 4, 192350008, 3],
  ]);
  expect(
    conversation("msdyn_startedon", "msdyn_wrapupinitiatedon", "msdyn_closedon", "msdyn_isabandoned"),
  ).toEqual({
    msdyn_startedon: 3,
    msdyn_wrapupinitiatedon: 12,
    msdyn_closedon: 15,
    msdyn_isabandoned: false,
  });
  expect(
    participants("msdyn_mode", "msdyn_addedon", "msdyn_joinedon", "msdyn_lefton", "msdyn_holdtime"),
  ).toEqual([
    { msdyn_mode: 192350002, msdyn_addedon: 0, msdyn_joinedon: 3, msdyn_lefton: 15, msdyn_holdtime: 4 },
  ]);
  expect(sessions("msdyn_agentacceptedon", "msdyn_sessionclosedon", "msdyn_closurereason")).toEqual([
    { msdyn_agentacceptedon: 3, msdyn_sessionclosedon: 15, msdyn_closurereason: 192350021 },
  ]);
});

test("every write advances the version and the modification time of its row", () => {
  const before = store.get(ENTITY_TYPES.conversations, CONVERSATION);
  play(4, "ann", "ringing");
  const after = store.get(ENTITY_TYPES.conversations, CONVERSATION);
  expect(Number(after?.["versionnumber"])).toBeGreaterThan(Number(before?.["versionnumber"]));
  expect(pick(after, "createdon", "modifiedon")).toEqual({ createdon: 0, modifiedon: 4 });
});

test("a transfer ends the first agent's session and leaves the conversation going with the second", () => {
  play(0, "ann", "ringing");
  play(2, "ann", "connected");
  play(8, "bob", "ringing");
  play(9, "bob", "connected");
  play(10, "ann", "wrap-up");
  expect(conversation("statuscode", "msdyn_transfercount")).toEqual({
    statuscode: 2,
    msdyn_transfercount: 1,
  });
  play(12, "ann", "agent-available");
  play(14, "bob", "wrap-up");
  play(16, "bob", "agent-available");
  expect(participants("msdyn_name", "msdyn_joinedon", "msdyn_lefton")).toEqual([
    { msdyn_name: "Ann Agent", msdyn_joinedon: 2, msdyn_lefton: 10 },
    { msdyn_name: "Bob Backoffice", msdyn_joinedon: 9, msdyn_lefton: 16 },
  ]);
  expect(sessions("msdyn_sessioncreationreason", "msdyn_sessionclosedon", "msdyn_closurereason")).toEqual([
    { msdyn_sessioncreationreason: 192350000, msdyn_sessionclosedon: 10, msdyn_closurereason: 192350006 },
    { msdyn_sessioncreationreason: 192350001, msdyn_sessionclosedon: 16, msdyn_closurereason: 192350021 },
  ]);
  expect(conversation("statuscode", "msdyn_closedon")).toEqual({ statuscode: 4, msdyn_closedon: 16 });
});

test("an offer that nobody takes is a participant that left without having joined", () => {
  play(0, "ann", "ringing");
  play(6, "ann", "not-responding");
  expect(participants("msdyn_joinedon", "msdyn_lefton", "msdyn_leftonreason")).toEqual([
    { msdyn_joinedon: null, msdyn_lefton: 6, msdyn_leftonreason: "AgentTimeout" },
  ]);
  expect(conversation("statecode", "statuscode")).toEqual({ statecode: 0, statuscode: 1 });
  rows.customerLeaves(START + 8_000);
  expect(conversation("statecode", "statuscode", "msdyn_statuschangereason", "msdyn_isabandoned")).toEqual({
    statecode: 1,
    statuscode: 4,
    msdyn_statuschangereason: 192350012,
    msdyn_isabandoned: true,
  });
});

test("a consulted agent is a second participant of the same session, whose leaving ends nothing", () => {
  play(0, "ann", "ringing");
  play(2, "ann", "connected");
  play(5, "bob", "ringing", "consult");
  play(6, "bob", "connected");
  play(9, "bob", "agent-available");
  const [ann, bob] = participants("msdyn_omnichannelsession", "msdyn_mode", "msdyn_joinedon", "msdyn_lefton");
  expect(bob).toEqual({ ...ann, msdyn_mode: 192350003, msdyn_joinedon: 6, msdyn_lefton: 9 });
  expect(conversation("statuscode")).toEqual({ statuscode: 2 });
});

test("the rows of a call name its agents, queue and customer", () => {
  play(0, "ann", "connected");
  const [queue] = store.rows(ENTITY_TYPES.queues);
  const ann = store.find(ENTITY_TYPES.users, (row) => row["domainname"] === ANN.upn);
  expect(pick(ann, "fullname", "azureactivedirectoryobjectid")).toEqual({
    fullname: ANN.name,
    azureactivedirectoryobjectid: ANN.entraId,
  });
  expect(conversation("msdyn_activeagentid", "msdyn_cdsqueueid", "msdyn_channel")).toEqual({
    msdyn_activeagentid: ann?.["systemuserid"],
    msdyn_cdsqueueid: queue?.["queueid"],
    msdyn_channel: "192440000",
  });
  expect(store.rows(ENTITY_TYPES.phoneContexts).map((row) => row["msdyn_fromphone"])).toEqual([
    "+14255550100",
  ]);
});
