import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { UpdateNotice } from "../domain/update.ts";
import { awaitUpdate } from "./await-update.ts";
import { readInstallerMarks } from "./installer-marks.ts";

const WITHIN = { timeout: 15_000, interval: 5 };

let folder: string;
let hasRecording: boolean;
let waits: (UpdateNotice["kind"] | null)[];
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-marks-"));
  hasRecording = false;
  waits = [];
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

const wait = () =>
  awaitUpdate(
    {
      readMarks: () => readInstallerMarks(folder),
      hasRecording: () => hasRecording,
      onWait: (notice) => waits.push(notice?.kind ?? null),
      clock: new WallClock(),
      log: silentLog(),
      lookEveryMs: 5,
    },
    stop.signal,
  );
const mark = (name: string, text = "") => writeFile(join(folder, name), text);

test("without a recording it leaves at once for an installer's request, and a removal says that it is one", async () => {
  const leaving = wait();
  await mark("leave-request", "removal\r\n");
  expect(["update", "removal"]).toContain((await leaving)?.kind);
  expect(await wait()).toMatchObject({ kind: "removal" });
  await mark("leave-request", "update\r\n");
  expect(await wait()).toMatchObject({ kind: "update" });
  expect(waits).toEqual([]);
});

test("marks that cannot be read at first, as while Windows deletes one, are looked at again", async () => {
  let looks = 0;
  const readMarks = () => {
    looks += 1;
    if (looks < 3) throw new Error("EPERM: operation not permitted, stat");
    return readInstallerMarks(folder);
  };
  await mark("leave-request", "update");
  const options = { readMarks, hasRecording: () => false, onWait: () => {}, lookEveryMs: 5 };
  const notice = await awaitUpdate({ ...options, clock: new WallClock(), log: silentLog() }, stop.signal);
  expect([notice?.kind, looks]).toEqual(["update", 3]);
});

test("an update waits for the recording, and for nothing once the installer has given up", async () => {
  hasRecording = true;
  const leaving = wait();
  await mark("leave-request", "update");
  await vi.waitFor(() => expect(waits).toEqual(["update"]), WITHIN);
  await rm(join(folder, "leave-request"));
  await vi.waitFor(() => expect(waits).toEqual(["update", null]), WITHIN);
  await mark("installed");
  await vi.waitFor(() => expect(waits).toEqual(["update", null, "updated"]), WITHIN);
  hasRecording = false;
  expect(await leaving).toMatchObject({ kind: "updated" });
});

test("it leaves a recording when the update has waited for 10 minutes", async () => {
  hasRecording = true;
  await mark("leave-request", "update");
  const longAgo = Date.now() / 1_000 - 601;
  await utimes(join(folder, "leave-request"), longAgo, longAgo);
  expect(await wait()).toMatchObject({ kind: "update" });
});

test("what was installed before it started is what runs, and an app that ends waits for nothing", async () => {
  await mark("installed");
  const leaving = wait();
  stop.abort();
  expect(await leaving).toBeNull();
});
