import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCallBuffer } from "./call-buffer.ts";
import { MIGRATIONS } from "./schema.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-schema-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A catalogue as the first version left it, with one recording that was sealed and one that goes on. */
function makeFirstCatalogue(): void {
  const catalogue = new Database(join(folder, "catalog.db"));
  catalogue.exec(MIGRATIONS[0] ?? "");
  const add = catalogue.prepare(
    `INSERT INTO recordings (id, agent, call_session_id, leg, phase, started_at, kept_at, ended_at, notes)
     VALUES (?, 'ann', ?, 1, ?, 1000, 1000, ?, '[]')`,
  );
  add.run("01A", "s1", "sealed", 61_000);
  add.run("01B", "s2", "kept", null);
  catalogue.pragma("user_version = 1");
  catalogue.close();
}

test("a catalogue of the first schema is brought up to date with all that is in it", async () => {
  makeFirstCatalogue();
  using buffer = await openCallBuffer(folder);
  expect(buffer.recordings.list({}, 10, null).items).toMatchObject([
    { id: "01B", phase: "kept" },
    { id: "01A", phase: "sealed" },
  ]);
  expect(buffer.ledger.list({ callSessionId: "s1" }, 10, null).items).toMatchObject([
    { recordingId: "01A", word: "not-recorded" },
  ]);
  expect(buffer.legs.unfinished()).toEqual([]);
});
