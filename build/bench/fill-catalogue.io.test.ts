import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { openCallBuffer } from "../../apps/recorder/call-buffer/call-buffer.ts";
import { fillCatalogue } from "./fill-catalogue.ts";

const COUNT = 3_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-fill-"));
  await fillCatalogue(folder, COUNT, () => {});
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("a made-up catalogue is whole: indexes, triggers and references are as a recorder would have them", async () => {
  const empty = join(folder, "empty");
  (await openCallBuffer(empty))[Symbol.dispose]();
  const [filled, made] = [folder, empty].map((place) => new Database(join(place, "catalog.db")));
  const schemaOf = (catalogue: Database.Database | undefined) =>
    catalogue?.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY name").all();
  expect(schemaOf(filled)).toEqual(schemaOf(made));
  expect(filled?.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(filled?.pragma("foreign_key_check")).toEqual([]);
  filled?.close();
  made?.close();
});

test("its stored words are those that the recorder judges by", async () => {
  using buffer = await openCallBuffer(folder);
  const judged = buffer.ledger.list({}, COUNT * 2, null).items;
  expect(judged.filter((entry) => entry.recordingId !== null)).toHaveLength(COUNT);
  for (const word of COVERAGE_WORDS) {
    const found = buffer.ledger.list({ word }, COUNT * 2, null).items;
    expect(found).toEqual(judged.filter((entry) => entry.word === word));
    expect(found.length).toBeGreaterThan(50);
  }
});
