import { beforeEach, expect, test } from "vitest";
import type { Row } from "../dataverse/columns.ts";
import { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import { seedRows } from "../dataverse/seed-rows.ts";
import { CallCentre } from "./call-centre.ts";
import { CallRows } from "./call-rows.ts";
import { type CallScriptInput, parseCallScript } from "./call-script.ts";

const START = Date.UTC(2026, 2, 2, 10);
const CONVERSATION = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
const ANN = { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" };
const BOB = {
  entraId: "a0000000-0000-4000-8000-000000000002",
  upn: "bob@contoso.com",
  name: "Bob Backoffice",
};
const IVA = {
  entraId: "b0000000-0000-4000-8000-000000000001",
  upn: "iva@contoso.com",
  name: "Iva",
  bot: true,
};

type StepInput = CallScriptInput["steps"][number];
/** A step without its time. */
type Deed = StepInput extends infer Step ? (Step extends StepInput ? Omit<Step, "atMs"> : never) : never;

let store: DataverseStore;
let rows: CallRows;
let seconds: number;

beforeEach(() => {
  seconds = 0;
  store = new DataverseStore({ now: () => START + seconds * 1000 });
  seedRows(store);
  rows = begin({});
});

function begin(changes: Partial<CallScriptInput>): CallRows {
  const script = scriptOf([], changes);
  return new CallRows(new CallCentre(store), script, script.agents, CONVERSATION, START);
}

function scriptOf(steps: StepInput[], changes: Partial<CallScriptInput> = {}) {
  return parseCallScript({
    customer: "+14255550100",
    queue: "Billing",
    agents: { ann: ANN, bob: BOB, iva: IVA },
    steps: steps.length > 0 ? steps : [{ atMs: 0, do: "customer-leaves" }],
    ...changes,
  });
}

function play(atSecond: number, deed: Deed) {
  seconds = atSecond;
  const [step] = scriptOf([{ atMs: atSecond * 1000, ...deed }]).steps;
  if (step !== undefined) rows.apply(step, START + atSecond * 1000);
}

/** The columns asked for; times as seconds after the start. */
function pick(row: Row | undefined, ...columns: string[]) {
  const cells = columns.map((column) => {
    const cell = row?.[column] ?? null;
    return [column, typeof cell === "number" && cell >= START ? (cell - START) / 1000 : cell];
  });
  return Object.fromEntries(cells) as Record<string, unknown>;
}

const all = (table: keyof typeof ENTITY_TYPES, ...columns: string[]) =>
  store.rows(ENTITY_TYPES[table]).map((row) => pick(row, ...columns));
const conversation = (...columns: string[]) =>
  pick(store.get(ENTITY_TYPES.conversations, CONVERSATION), ...columns);

test("an answered call goes open, active, wrap-up, closed, as it is handled", () => {
  const columns = [
    "statecode",
    "statuscode",
    "msdyn_statuschangereason",
    "msdyn_conversationactivitystate",
  ] as const;
  const seen = [conversation(...columns)];
  const steps: [number, Deed["do"]][] = [
    [0, "ring"],
    [3, "answer"],
    [5, "hold"],
    [9, "resume"],
    [12, "end"],
    [15, "finish"],
  ];
  for (const [at, deed] of steps) {
    play(at, { do: deed, agent: "ann" } as Deed);
    seen.push(conversation(...columns));
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
    all("participants", "msdyn_mode", "msdyn_addedon", "msdyn_joinedon", "msdyn_lefton", "msdyn_holdtime"),
  ).toEqual([
    { msdyn_mode: 192350002, msdyn_addedon: 0, msdyn_joinedon: 3, msdyn_lefton: 15, msdyn_holdtime: 4 },
  ]);
  expect(all("participantEvents", "msdyn_eventtype", "msdyn_eventstarttime", "msdyn_eventendtime")).toEqual([
    { msdyn_eventtype: 192350001, msdyn_eventstarttime: 5, msdyn_eventendtime: 9 },
  ]);
  expect(all("sessions", "msdyn_agentacceptedon", "msdyn_sessionclosedon", "msdyn_closurereason")).toEqual([
    { msdyn_agentacceptedon: 3, msdyn_sessionclosedon: 15, msdyn_closurereason: 192350021 },
  ]);
  expect(all("sessionEvents", "msdyn_eventtype").map((row) => Number(row["msdyn_eventtype"]) % 100)).toEqual([
    6, 1, 2, 3, 26, 31, 5,
  ]);
});

test("every write advances the version and the modification time of its row", () => {
  const before = store.get(ENTITY_TYPES.conversations, CONVERSATION);
  play(4, { do: "ring", agent: "ann" });
  const after = store.get(ENTITY_TYPES.conversations, CONVERSATION);
  expect(Number(after?.["versionnumber"])).toBeGreaterThan(Number(before?.["versionnumber"]));
  expect(pick(after, "createdon", "modifiedon")).toEqual({ createdon: 0, modifiedon: 4 });
});

test("a call taken without a ring has its participant joined from the row's creation on", () => {
  play(4, { do: "join", agent: "ann" });
  expect(all("participants", "createdon", "msdyn_addedon", "msdyn_joinedon")).toEqual([
    { createdon: 4, msdyn_addedon: 4, msdyn_joinedon: 4 },
  ]);
  expect(store.rows(ENTITY_TYPES.participants).map((row) => row["modifiedon"])).toEqual([START + 4_000]);
});

test("a transfer ends the first agent's session and leaves the conversation going with the second", () => {
  play(0, { do: "ring", agent: "ann" });
  play(2, { do: "answer", agent: "ann" });
  play(8, { do: "transfer-to-agent", agent: "ann", to: "bob" });
  play(9, { do: "answer", agent: "bob" });
  play(10, { do: "leave", agent: "ann" });
  expect(conversation("statuscode", "msdyn_transfercount")).toEqual({
    statuscode: 2,
    msdyn_transfercount: 1,
  });
  play(12, { do: "finish", agent: "ann" });
  play(14, { do: "end", agent: "bob" });
  play(16, { do: "finish", agent: "bob" });
  expect(all("participants", "msdyn_name", "msdyn_joinedon", "msdyn_lefton")).toEqual([
    { msdyn_name: "Ann Agent", msdyn_joinedon: 2, msdyn_lefton: 10 },
    { msdyn_name: "Bob Backoffice", msdyn_joinedon: 9, msdyn_lefton: 16 },
  ]);
  expect(
    all("sessions", "msdyn_sessioncreationreason", "msdyn_sessionclosedon", "msdyn_closurereason"),
  ).toEqual([
    { msdyn_sessioncreationreason: 192350000, msdyn_sessionclosedon: 10, msdyn_closurereason: 192350006 },
    { msdyn_sessioncreationreason: 192350001, msdyn_sessionclosedon: 16, msdyn_closurereason: 192350021 },
  ]);
  expect(conversation("statuscode", "msdyn_closedon")).toEqual({ statuscode: 4, msdyn_closedon: 16 });
});

test("a transfer to the queue puts the agent out at once, and the call waits in a session of its own", () => {
  play(0, { do: "ring", agent: "ann" });
  play(2, { do: "answer", agent: "ann" });
  play(5, { do: "transfer-to-queue", agent: "ann" });
  expect(conversation("statuscode", "msdyn_statuschangereason")).toEqual({
    statuscode: 1,
    msdyn_statuschangereason: 192350001,
  });
  play(8, { do: "ring", agent: "bob" });
  expect(
    all("sessions", "msdyn_sessioncreationreason", "msdyn_closurereason", "msdyn_agentassignedon"),
  ).toEqual([
    {
      msdyn_sessioncreationreason: 192350000,
      msdyn_closurereason: 192350010,
      msdyn_agentassignedon: 0,
    },
    { msdyn_sessioncreationreason: 192350002, msdyn_closurereason: null, msdyn_agentassignedon: 8 },
  ]);
});

test("an offer that nobody takes is a participant that left without having joined", () => {
  play(0, { do: "ring", agent: "ann" });
  play(6, { do: "miss", agent: "ann" });
  expect(all("participants", "msdyn_joinedon", "msdyn_lefton", "msdyn_leftonreason")).toEqual([
    { msdyn_joinedon: null, msdyn_lefton: 6, msdyn_leftonreason: "AgentTimeout" },
  ]);
  expect(conversation("statecode", "statuscode")).toEqual({ statecode: 0, statuscode: 1 });
  play(8, { do: "customer-leaves" });
  expect(conversation("statecode", "statuscode", "msdyn_statuschangereason", "msdyn_isabandoned")).toEqual({
    statecode: 1,
    statuscode: 4,
    msdyn_statuschangereason: 192350012,
    msdyn_isabandoned: true,
  });
});

test("an offer at a browser that was refreshed is told by the session alone", () => {
  play(0, { do: "ring", agent: "ann" });
  play(3, { do: "drop-offer", agent: "ann" });
  expect(all("participants", "msdyn_joinedon", "msdyn_lefton", "modifiedon")).toEqual([
    { msdyn_joinedon: null, msdyn_lefton: null, modifiedon: 0 },
  ]);
  expect(all("sessions", "msdyn_sessionclosedon", "msdyn_closurereason")[0]).toEqual({
    msdyn_sessionclosedon: 3,
    msdyn_closurereason: 192350064,
  });
});

test("a consulted agent is a second participant of the same session, whose leaving ends nothing", () => {
  play(0, { do: "ring", agent: "ann" });
  play(2, { do: "answer", agent: "ann" });
  play(5, { do: "consult", agent: "ann", to: "bob" });
  play(6, { do: "answer", agent: "bob" });
  expect(conversation("msdyn_conversationactivitystate")).toEqual({ msdyn_conversationactivitystate: 2 });
  play(9, { do: "leave", agent: "bob" });
  const [ann, bob] = all(
    "participants",
    "msdyn_omnichannelsession",
    "msdyn_mode",
    "msdyn_joinedon",
    "msdyn_lefton",
  );
  expect(bob).toEqual({ ...ann, msdyn_mode: 192350003, msdyn_joinedon: 6, msdyn_lefton: 9 });
  expect(conversation("statuscode", "msdyn_conversationactivitystate")).toEqual({
    statuscode: 2,
    msdyn_conversationactivitystate: 2,
  });
});

test("a consultation that the customer comes to hear is a public one from then on", () => {
  play(0, { do: "join", agent: "ann" });
  play(5, { do: "consult", agent: "ann", to: "bob" });
  play(6, { do: "answer", agent: "bob" });
  const access = () => all("participants", "msdyn_conversationaccess")[1]?.["msdyn_conversationaccess"];
  expect(access()).toBe(2);
  play(8, { do: "resume", agent: "ann" });
  expect(access()).toBe(1);
});

test("a bot is a participant before the agent, whose session it hands over", () => {
  play(0, { do: "join", agent: "iva" });
  expect(conversation("msdyn_isagentaccepted", "msdyn_startedon")).toEqual({
    msdyn_isagentaccepted: false,
    msdyn_startedon: null,
  });
  play(3, { do: "transfer-to-queue", agent: "iva" });
  play(4, { do: "ring", agent: "ann" });
  expect(all("sessions", "msdyn_sessioncreationreason", "msdyn_closurereason")).toEqual([
    { msdyn_sessioncreationreason: 192350000, msdyn_closurereason: 192350026 },
    { msdyn_sessioncreationreason: 192350024, msdyn_closurereason: null },
  ]);
});

test("a browser that is closed changes no row", () => {
  play(0, { do: "join", agent: "ann" });
  const writes: unknown[] = [];
  store.onWrite((write) => writes.push(write));
  play(4, { do: "close-browser", agent: "ann" });
  expect(writes).toEqual([]);
});

test("the rows of a call name its agents, queue and customer", () => {
  play(0, { do: "join", agent: "ann" });
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
  const bots = store.rows(ENTITY_TYPES.users).map((row) => row["msdyn_botapplicationid"] !== null);
  expect(bots).toEqual([false, false, true]);
});

test.each<[Deed[], string]>([
  [[{ do: "answer", agent: "ann" }], "answer at 0 ms cannot happen: ann is offered nothing"],
  [[{ do: "end", agent: "ann" }], "end at 0 ms cannot happen: ann does not have the customer"],
  [
    [
      { do: "ring", agent: "ann" },
      { do: "ring", agent: "bob" },
    ],
    "ring at 1000 ms cannot happen: no session of this call waits in the queue",
  ],
  [
    [
      { do: "join", agent: "ann" },
      { do: "leave", agent: "ann" },
    ],
    "leave at 1000 ms cannot happen: nobody else has the customer",
  ],
  [
    [
      { do: "join", agent: "ann" },
      { do: "finish", agent: "ann" },
    ],
    "finish at 1000 ms cannot happen: ann is in no wrap-up",
  ],
])("what cannot happen is refused: %j", (deeds, reason) => {
  const playAll = () => {
    for (const [second, deed] of deeds.entries()) play(second, deed);
  };
  expect(playAll).toThrow(reason);
});
