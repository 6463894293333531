import { beforeEach, expect, test } from "vitest";
import { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import { PRESENCE_IDS, seedRows } from "../dataverse/seed-rows.ts";
import { type CallScriptInput, parseCallScript } from "./call-script.ts";
import { playInto } from "./play-into.ts";
import { loadCallScript } from "./shipped-scripts.ts";

const START = Date.UTC(2026, 2, 2, 10);
const ANN = { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" };

const clock = { at: START, now: () => clock.at };
let store: DataverseStore;
/** Every write of a status row: second, presence, event name and sub-event as their last two digits, capacity. */
let statuses: string[];

beforeEach(() => {
  clock.at = START;
  store = new DataverseStore(clock);
  seedRows(store);
  statuses = [];
  store.onWrite(({ entity, after }) => {
    if (entity !== ENTITY_TYPES.agentStatuses || after === null) return;
    const code = (column: string) => (after[column] === null ? "-" : String(Number(after[column]) % 100));
    const event = `${code("msdyn_eventname")}/${code("msdyn_subeventname")}`;
    const capacity = String(after["msdyn_availableunitscapacity"]);
    const by = String(after["msdyn_presencemodifiedby"]);
    statuses.push(
      `${second(clock.at)} ${presence(after["msdyn_currentpresenceid"])} ${event} ${capacity} ${by}`,
    );
  });
});

const second = (at: number) => (at - START) / 1000;
const presence = (id: unknown) =>
  Object.entries(PRESENCE_IDS).find(([, known]) => known === id)?.[0] ??
  String(store.get(ENTITY_TYPES.presences, String(id))?.["msdyn_name"]);

const history = () =>
  store.rows(ENTITY_TYPES.agentStatusHistory).map((row) => {
    const end = row["msdyn_endtime"];
    const until = typeof end === "number" ? String(second(end)) : "";
    const shown = presence(row["msdyn_presenceid"]);
    return `${second(Number(row["msdyn_starttime"]))}-${until} ${shown} ${String(row["msdyn_availablecapacity"])}`;
  });

async function play(script: string | Pick<CallScriptInput, "steps" | "wrapUpBlocks">) {
  const parsed =
    typeof script === "string"
      ? await loadCallScript(script)
      : parseCallScript({ customer: "+1425", queue: "Billing", agents: { ann: ANN }, ...script });
  playInto(store, parsed, START, (at) => {
    clock.at = at;
  });
}

test("an agent is busy from answering until the wrap-up is over, with a row of history per change", async () => {
  await play("one-call");
  expect(statuses).toEqual([
    "0 available 3/- 100 SYSTEM",
    "0 available 11/- 0 SYSTEM",
    "2.5 busy 12/1 0 SYSTEM",
    "27.7 available 13/6 100 SYSTEM",
  ]);
  expect(history()).toEqual(["0-0 available 100", "0-2 available 0", "2-27 busy 0", "27- available 100"]);
});

test("an offer that came to nothing gives the capacity back and leaves the presence", async () => {
  await play("not-responding");
  expect(statuses.slice(1)).toEqual(["0 available 11/- 0 SYSTEM", "6 available 7/8 100 SYSTEM"]);
});

test("a chat takes part of the capacity and makes nobody busy", async () => {
  await play("chat-beside-voice");
  expect(history()).toEqual([
    "0-0 available 100",
    "0-2 available 0",
    "2-12 busy 0",
    "12-18 available 70",
    "18- available 100",
  ]);
});

test("a presence chosen by hand stays through the end of the call", async () => {
  await play("presence-by-hand");
  expect(history().map((row) => row.split(" ").slice(0, -1).join(" "))).toEqual([
    "0-0 available",
    "0-2 available",
    "2-5 busy",
    "5-8 available",
    "8-15 At lunch",
    "15-17 busy-dnd",
    "17-20 away",
    "20- away",
  ]);
  expect(statuses.find((line) => line.startsWith("8 "))).toBe("8 At lunch 6/- 0 AGENT");
});

test("where a wrap-up does not block, the agent is available in it", async () => {
  await play({
    wrapUpBlocks: false,
    steps: [
      { atMs: 0, do: "join", agent: "ann" },
      { atMs: 5_000, do: "end", agent: "ann" },
      { atMs: 9_000, do: "finish", agent: "ann" },
    ],
  });
  expect(history()).toEqual(["0-0 available 100", "0-5 busy 0", "5- available 100"]);
});

test("who logs out is offline, and available at the next login", async () => {
  await play("log-out");
  expect(history()).toEqual([
    "0-0 available 100",
    "0-2 available 0",
    "2-9 busy 0",
    "9-15 offline 100",
    "15- available 100",
  ]);
  const loggedIn = store.rows(ENTITY_TYPES.agentStatusHistory).map((row) => row["msdyn_isagentloggedin"]);
  expect(loggedIn).toEqual([true, true, true, false, true]);
});

test("an agent has one status, however many calls there are", async () => {
  await play("second-call-in-wrap-up");
  expect(store.rows(ENTITY_TYPES.agentStatuses)).toHaveLength(1);
  expect(history().map((row) => row.split(" ").slice(0, 2).join(" "))).toEqual([
    "0-0 available",
    "0-2 available",
    "2-8 busy",
    "8-10 available",
    "10-13 available",
    "13-20 busy",
    "20- available",
  ]);
});
