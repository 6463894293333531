import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import { eventually } from "../testing/eventually.ts";
import { RecordingControl } from "./recording-control.ts";

let folder: string;
let buffer: CallBuffer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-finisher-"));
  buffer = await openCallBuffer(folder);
});
afterEach(async () => {
  buffer[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

function changeCatalogue(sql: string): void {
  const database = new Database(join(folder, "catalog.db"));
  database.exec(sql);
  database.close();
}

test("an erasure that the catalogue refuses is tried again after a pause, once, however long it has been due", async () => {
  const lines: string[] = [];
  const faults = () => lines.filter((line) => line.includes("recording could not be finished"));
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const { lifecycle, policy } = loadConfig(undefined, {}, folder).recorder;
  await using control = new RecordingControl({
    ...{ buffer, log, policy, lookUpEvidence: null, clock: { now: () => Date.now() } },
    capture: { start: () => {}, end: async () => {} },
    lifecycle: { ...lifecycle, discardGraceS: 0.05 },
  });
  // As a full disk does.
  changeCatalogue(
    `CREATE TRIGGER full BEFORE UPDATE OF erased_at ON recordings BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
  );
  const at = Date.now();
  const about = { at, agent: "ann", callSessionId: "s1" };
  const ring = { ...about, id: "1", type: "ringing" as const };
  const end = { ...about, at: at + 1, id: "2", type: "not-responding" as const };
  await control.takeEvents(() => [ring, end].map((event) => ({ event, raw: "{}" })), at + 1);
  await eventually(() => expect(faults()).not.toEqual([]));
  await sleep(300);
  expect(faults().length).toBe(1);
  changeCatalogue("DROP TRIGGER full");
  await eventually(() => expect(buffer.erasure.nextAt()).toBeNull());
});
