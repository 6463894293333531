import { beforeEach, expect, test } from "vitest";
import { DataverseStore, type StoreWrite } from "./dataverse-store.ts";
import { ENTITY_TYPES as T } from "./entity-types.ts";
import { PRESENCE_IDS, seedRows } from "./seed-rows.ts";

const NOW = Date.UTC(2026, 2, 2, 10, 2, 30);
const QUEUE = "77c90b02-4e38-4f11-a315-000d3a5a54aa";

let store: DataverseStore;
let writes: StoreWrite[];

beforeEach(() => {
  store = new DataverseStore({ now: () => NOW });
  writes = [];
  store.onWrite((write) => writes.push(write));
});

test("a new row is one write of the columns that are set", () => {
  store.insert(T.queues, { queueid: QUEUE.toUpperCase(), name: "Billing", statecode: null });
  expect(writes).toEqual([
    {
      entity: T.queues,
      id: QUEUE,
      message: "Create",
      columns: ["queueid", "name", "createdon", "modifiedon", "versionnumber"],
      before: null,
      after: store.get(T.queues, QUEUE),
    },
  ]);
});

test("several columns of one update are one write, whether or not their values change", () => {
  store.insert(T.queues, { queueid: QUEUE, name: "Billing", statecode: 0 });
  const before = store.get(T.queues, QUEUE);
  store.update(T.queues, QUEUE, { name: "Sales", statecode: 0 });
  expect(writes.slice(1)).toEqual([
    {
      entity: T.queues,
      id: QUEUE,
      message: "Update",
      columns: ["name", "statecode"],
      before,
      after: { ...before, name: "Sales", versionnumber: Number(before?.["versionnumber"]) + 1 },
    },
  ]);
});

test("a deleted row is told of with what it was, and is gone", () => {
  store.insert(T.queues, { queueid: QUEUE, name: "Billing" });
  const before = store.get(T.queues, QUEUE);
  store.delete(T.queues, QUEUE);
  expect(writes.at(-1)).toMatchObject({ message: "Delete", columns: [], before, after: null });
  expect(store.get(T.queues, QUEUE)).toBeUndefined();
  expect(() => store.delete(T.queues, QUEUE)).toThrow("is not there to be deleted");
});

test("a listener that was taken off hears nothing more", () => {
  const heard: StoreWrite[] = [];
  const end = store.onWrite((write) => heard.push(write));
  store.insert(T.queues, { name: "Billing" });
  end();
  store.insert(T.queues, { name: "Sales" });
  expect([heard.length, writes.length]).toEqual([1, 2]);
});

test("an environment begins with Microsoft's presences, and messages for the tables of contact centres", () => {
  seedRows(store);
  const bases = store
    .rows(T.presences)
    .map((row) => [row["msdyn_presenceid"], row["msdyn_basepresencestatus"]]);
  expect(bases).toEqual([
    [PRESENCE_IDS.available, 192_360_000],
    [PRESENCE_IDS.busy, 192_360_001],
    [PRESENCE_IDS["busy-dnd"], 192_360_002],
    [PRESENCE_IDS.away, 192_360_003],
    [PRESENCE_IDS.offline, 192_360_004],
  ]);
  expect(store.rows(T.messages).map((row) => row["name"])).toEqual(["Create", "Update", "Delete"]);
  const tables = store.rows(T.messageFilters).map((row) => String(row["primaryobjecttypecode"]));
  expect(tables.filter((name) => name === "msdyn_sessionparticipant").length).toBe(3);
  expect(tables).not.toContain("sdkmessageprocessingstep");
});
