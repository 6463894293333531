import { copyFileSync, mkdirSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { Checkpoints } from "./checkpoints.ts";
import { openBuffer, type OpenBuffer } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";
import { eventually } from "../testing/eventually.ts";

let folder: string;
let buffer: OpenBuffer;
let group: GroupCommit;
/** Flushes that were begun; each ends when its `let` is called. */
let flushes: { end: () => void; fail: (error: Error) => void }[];
let faults: Error[];
let syncNow: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-commit-"));
  buffer = openBuffer(folder);
  buffer.catalogue.exec("CREATE TABLE facts (name TEXT PRIMARY KEY) STRICT");
  [flushes, faults, syncNow] = [[], [], () => {}];
  group = new GroupCommit({
    catalogue: buffer.catalogue,
    sync: () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      flushes.push({ end: resolve, fail: reject });
      return promise;
    },
    syncNow: () => syncNow(),
    onRollback: () => {},
    onSyncFault: (error) => faults.push(error),
    // A batch ends by its time too; here only by what was given to it.
    now: () => 0,
  });
});
afterEach(async () => {
  buffer[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const add = (name: string) => () => {
  buffer.catalogue.prepare("INSERT INTO facts VALUES (?)").run(name);
  return name;
};
const stored = () => buffer.catalogue.prepare("SELECT name FROM facts ORDER BY rowid").pluck().all();
const flushBegins = (count: number) => eventually(() => expect(flushes).toHaveLength(count));

describe("changes of one turn", () => {
  test("are one batch with one flush, told in the order of the calls and only after it", async () => {
    const told: string[] = [];
    const all = ["a", "b", "c"].map(async (name) => told.push(await group.commit(add(name))));
    await flushBegins(1);
    expect([stored(), told]).toEqual([["a", "b", "c"], []]);
    flushes[0]?.end();
    await Promise.all(all);
    expect([told, flushes.length]).toEqual([["a", "b", "c"], 1]);
  });

  test("fail one by one: what throws is rolled back alone, with what it had stored", async () => {
    const all = Promise.allSettled([
      group.commit(add("a")),
      group.commit(() => {
        add("b")();
        throw new Error("no");
      }),
      group.commit(add("a")),
      group.commit(add("c")),
    ]);
    await flushBegins(1);
    flushes[0]?.end();
    expect(await all).toMatchObject([
      { value: "a" },
      { reason: new Error("no") },
      { reason: { code: "SQLITE_CONSTRAINT_PRIMARYKEY" } },
      { value: "c" },
    ]);
    expect(stored()).toEqual(["a", "c"]);
  });

  test("fail together when the disk is full, and later ones are taken", async () => {
    // A real limit of SQLite's stands for the disk's.
    const pages = Number(buffer.catalogue.pragma("page_count", { simple: true }));
    buffer.catalogue.pragma(`max_page_count = ${pages}`);
    const all = Promise.allSettled([
      group.commit(add("a")),
      group.commit(add("x".repeat(1_000_000))),
      group.commit(add("b")),
    ]);
    await flushBegins(1);
    flushes[0]?.end();
    const full = { reason: { code: "SQLITE_FULL" } };
    expect(await all).toMatchObject([full, full, { value: "b" }]);
    expect(stored()).toEqual(["b"]);
  });
});

test("changes that come during a flush wait for the next batch, and are together in it", async () => {
  const first = group.commit(add("a"));
  await flushBegins(1);
  const later = [group.commit(add("b")), group.commit(add("c"))];
  await new Promise((resolve) => setImmediate(resolve));
  expect(stored()).toEqual(["a"]);
  flushes[0]?.end();
  await first;
  await flushBegins(2);
  expect(stored()).toEqual(["a", "b", "c"]);
  flushes[1]?.end();
  expect(await Promise.all(later)).toEqual(["b", "c"]);
});

test("a failed flush rejects its batch, and nothing is taken any more", async () => {
  const first = group.commit(add("a"));
  await flushBegins(1);
  flushes[0]?.fail(new Error("input/output error"));
  await expect(first).rejects.toThrow("input/output error");
  await expect(group.commit(add("b"))).rejects.toThrow("input/output error");
  expect([faults.length, flushes.length]).toEqual([1, 1]);
});

test("no batch begins in a pause", async () => {
  const { promise: work, resolve: endWork } = Promise.withResolvers<void>();
  const pause = group.pauseFor(() => work);
  const change = group.commit(add("a"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stored()).toEqual([]);
  endWork();
  await pause;
  await flushBegins(1);
  flushes[0]?.end();
  await change;
});

test("what waits when the catalogue is closed is stored and told", async () => {
  const changes = [group.commit(add("a")), group.commit(add("b"))];
  group.finish();
  expect(await Promise.all(changes)).toEqual(["a", "b"]);
});

test("what waits when the catalogue is closed is told, too, when the disk does not take it", async () => {
  syncNow = () => {
    throw new Error("input/output error");
  };
  const change = group.commit(add("a"));
  expect(() => group.finish()).toThrow("input/output error");
  await expect(change).rejects.toThrow("input/output error");
});

test("notes are made at once, and many of them are flushed together", async () => {
  expect([group.note(add("a")), group.note(add("b"))]).toEqual(["a", "b"]);
  expect([stored(), flushes.length]).toEqual([["a", "b"], 0]);
  await flushBegins(1);
  flushes[0]?.end();
  expect(() => group.note(add("a"))).toThrow("UNIQUE constraint failed");
  group.note(add("c"));
  await flushBegins(2);
  flushes[1]?.end();
  expect(stored()).toEqual(["a", "b", "c"]);
});

test("other writers wait for the disk, in between too", async () => {
  const change = group.commit(add("a"));
  await flushBegins(1);
  expect(buffer.catalogue.pragma("synchronous", { simple: true })).toBe(2);
  flushes[0]?.end();
  await change;
});

describe("the write-ahead log", () => {
  const POST_BYTES = 256 * 1_024;

  test("is in the catalogue's file before long, and begins anew while commits go on", async () => {
    using writeAheadLog = new WriteAheadLog(buffer.catalogue);
    group = new GroupCommit({
      catalogue: buffer.catalogue,
      sync: () => writeAheadLog.sync(),
      onRollback: () => {},
      syncNow: () => writeAheadLog.syncNow(),
      onSyncFault: (error) => faults.push(error),
    });
    const path = join(folder, "catalog.db");
    using _checkpoints = new Checkpoints({
      path,
      log: silentLog(),
      logBytes: () => writeAheadLog.bytes,
      pauseFor: (work) => group.pauseFor(work),
    });
    const write = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          group.commit(add(`${n} ${Math.random()}`.padEnd(POST_BYTES))),
        ),
      );
    await write(80);
    await vi.waitFor(async () => expect((await stat(path)).size).toBeGreaterThan(80 * POST_BYTES), {
      timeout: 20_000,
    });
    // Until it begins anew, every write makes it longer.
    await vi.waitFor(
      async () => {
        const before = writeAheadLog.bytes;
        await write(1);
        expect(writeAheadLog.bytes).toBe(before);
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  test("has all that a commit told of: the files alone are enough to find it again", async () => {
    using writeAheadLog = new WriteAheadLog(buffer.catalogue);
    const change = group.commit(add("a"));
    await flushBegins(1);
    await writeAheadLog.sync();
    flushes[0]?.end();
    await change;
    const copy = join(folder, "copy");
    mkdirSync(copy);
    for (const name of ["catalog.db", "catalog.db-wal"]) copyFileSync(join(folder, name), join(copy, name));
    using again = openBuffer(copy);
    expect(again.catalogue.prepare("SELECT name FROM facts").pluck().all()).toEqual(["a"]);
  });
});
