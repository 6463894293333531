import { join } from "node:path";
import { expect, test } from "vitest";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { type Environment, openEnvironment } from "../dynamics/testing/environment.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";
import { RecordingsFollower } from "./follow-recordings.ts";

const { signal } = new AbortController();
const HOUR_MS = 3_600_000;

/** A follower over an environment, and which recordings each reading brought. */
function follow(environment: Environment, { changeTracking = false, lookBackMs = HOUR_MS, skewMs = 0 } = {}) {
  const database = openDatabase(join(environment.folder, "adapter.db"));
  const stores = createStores(database);
  const wall = new WallClock();
  const clock = { now: () => wall.now() + skewMs };
  const client = new DataverseClient(environment.config, clock);
  const common = { client, stores, clock, log: silentLog() };
  const onChange = () => {};
  const follower = new RecordingsFollower({ ...common, changeTracking, lookBackMs, onChange });
  const seen = new Set<string>();
  return {
    stores,
    /** The recordings that are new since the last reading. */
    async read(): Promise<string[]> {
      await follower.readOnce(signal);
      const all = stores.audio.listDue(Number.MAX_SAFE_INTEGER).map(({ sourceId }) => sourceId);
      const fresh = all.filter((id) => !seen.has(id));
      for (const id of fresh) seen.add(id);
      return fresh;
    },
    [Symbol.dispose]: () => void database.close(),
  };
}

function addRow({ simulator: { tables } }: Environment): string {
  return tables.addRecordingRow(tables.addConversation({ startedAt: 0, closedAt: 1_000 }));
}

test.each([false, true])(
  "what is new is found once, reading by reading; tracked: %s",
  async (changeTracking) => {
    await using environment = await openEnvironment({ faults: { changeTracking: { enabled: true } } });
    using following = follow(environment, { changeTracking });
    const first = [addRow(environment), addRow(environment)].sort();
    expect((await following.read()).sort()).toEqual(first);
    expect(await following.read()).toEqual([]);
    const late = addRow(environment);
    expect(await following.read()).toEqual([late]);
    expect(environment.asked("$deltatoken").length > 0).toBe(changeTracking);
    expect(environment.asked("modifiedon ge").length > 0).toBe(!changeTracking);
  },
);

test("a row that was committed behind the watermark is found by the overlap", async () => {
  await using environment = await openEnvironment();
  using following = follow(environment);
  addRow(environment);
  await following.read();
  // As if Dynamics' other server had been nine minutes slow.
  following.stores.watermarks.advance("dynamics-recordings", Date.now() + 540_000);
  const late = addRow(environment);
  expect(await following.read()).toEqual([late]);
});

test.each([
  ["ahead", 5 * HOUR_MS],
  ["behind", -5 * HOUR_MS],
])("the first reading looks back by Dynamics' clock, also when ours is hours %s", async (_, skewMs) => {
  await using environment = await openEnvironment();
  using following = follow(environment, { skewMs });
  const id = addRow(environment);
  expect(await following.read()).toEqual([id]);
  const filter = decodeURIComponent(environment.asked("modifiedon ge").at(-1)?.url ?? "");
  const since = Date.parse(/modifiedon ge (\S+?)&/.exec(filter)?.[1] ?? "");
  const lookedBackMs = Date.now() - since;
  expect(lookedBackMs > HOUR_MS && lookedBackMs < 2 * HOUR_MS).toBe(true);
});

test("a tracked table of many rows is read page by page, then only its changes, which may be deletions", async () => {
  await using environment = await openEnvironment({ faults: { changeTracking: { enabled: true } } });
  using following = follow(environment, { changeTracking: true });
  const rows = Array.from({ length: 501 }, () => addRow(environment));
  expect(await following.read()).toHaveLength(501);
  environment.simulator.requests.clear();
  const [gone = ""] = rows;
  environment.simulator.tables.delete("msdyn_ocrecordings", gone);
  const late = addRow(environment);
  expect(await following.read()).toEqual([late]);
  const asked = environment.simulator.requests.all();
  expect(asked.map(({ prefer }) => prefer)).toEqual(["odata.track-changes,odata.maxpagesize=500"]);
});

test("of a tracked table's old rows only those since the watermark are taken, also after its link has expired", async () => {
  await using environment = await openEnvironment({ faults: { changeTracking: { enabled: true } } });
  const { simulator } = environment;
  addRow(environment);
  using following = follow(environment, { changeTracking: true });
  following.stores.watermarks.advance("dynamics-recordings", Date.now() + HOUR_MS);
  expect(await following.read()).toEqual([]);
  simulator.faults.set({ changeTracking: { enabled: true, linkLifetimeS: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  simulator.requests.clear();
  expect(await following.read()).toEqual([]);
  expect(simulator.requests.all().map(({ status }) => status)).toEqual([400, 200]);
  expect(await following.read()).toEqual([]);
});

test.each([
  ["is not on", { changeTracking: { enabled: false } }],
  ["cannot be asked about", { webApi: [{ fault: "forbidden" as const, path: "EntityDefinitions" }] }],
])("where change tracking %s, modifiedon does", async (_, faults) => {
  await using environment = await openEnvironment({ faults });
  using following = follow(environment, { changeTracking: true });
  const id = addRow(environment);
  expect(await following.read()).toEqual([id]);
  expect(environment.asked("modifiedon ge").length).toBe(1);
});
