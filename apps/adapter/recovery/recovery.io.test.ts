import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ApiDocument, faultsOfAnswer } from "#shared/http/testing/api-check.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { startDynamics } from "../../../e2e/dynamics/simulator.ts";
import { nextNight } from "../jobs/next-night.ts";
import { FakeRecorder } from "../rig/fake-recorder.ts";
import { makeScreen, makeSound } from "../rig/made-media.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { adapterApi } from "../replay/api-document.ts";
import { type AdapterRig, scratchFolder, startRig } from "../rig/run-site.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";
import { recover } from "./recover-command.ts";
import type { Recovery, RecoveryReport } from "./recovery.ts";

const RING = Date.UTC(2026, 2, 2, 10, 2, 30);
const DAY_MS = 86_400_000;
const closed = { startedAt: RING, closedAt: RING + 2_000 };
const guid = (digit: number) => `a1c20b02-4e38-4f11-a315-00000000000${digit}`;
const { signal } = new AbortController();
const WAIT = { timeout: 40_000, interval: 50 };
/** Most of it is waiting for what is made slow. */
const NIGHT_TAKES_MS = 120_000;

/** An adapter that looks only for recordings of the future, so that it has missed all others; and its recorder. */
async function openMissing() {
  await using opened = new AsyncDisposableStack();
  const { path: folder } = opened.use(await scratchFolder());
  const recorder = opened.use(await FakeRecorder.listen());
  const dynamics = opened.use(await startDynamics({ log: silentLog() }));
  await mkdir(join(folder, "data/adapter"), { recursive: true });
  {
    using database = openDatabase(join(folder, "data/adapter/adapter.db"));
    createStores(database).watermarks.advance("dynamics-recordings", Date.now() + DAY_MS);
  }
  const screen = await makeScreen(folder, 2_000, [1_000]);
  const sound = await makeSound(folder, "wav", 1_000, [100]);
  const owned = opened.move();
  return {
    ...{ folder, recorder, dynamics, sound },
    offer(id: string, callSessionId: string): void {
      const recording = madeRecording({ id, callSessionId }, [madeSegment("000001", RING, 2_000, screen)]);
      recorder.offer(recording, new Map([["1/000001", screen]]));
    },
    start: (clock = new WallClock()) =>
      startRig({
        clock,
        folder,
        recorders: [recorder.url],
        dynamics,
        stitch: { readyAfterS: 0.2, audioTimeoutS: 3 },
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Runs the command as an admin would, and reads what it wrote. */
async function runRecover({ config }: Pick<AdapterRig, "config">) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const range = { from: RING - DAY_MS, to: Date.now() + DAY_MS };
  const isDone = await recover({ config, range, log: silentLog(), say, signal });
  const file = /^report: (.+)$/.exec(lines.at(-1) ?? "")?.[1] ?? "";
  const report = JSON.parse(await readFile(file, "utf8")) as RecoveryReport;
  return { isDone, lines, report };
}

const casesOf = ({ cases }: RecoveryReport) =>
  cases
    .map(({ kind, interactionId, outcome, why }) => `${kind} ${interactionId?.slice(-1)} ${outcome}: ${why}`)
    .sort();

test("what can be brought back is, and of all else the report says why not", async () => {
  await using missing = await openMissing();
  const { dynamics, sound } = missing;
  const { tables } = dynamics;
  for (const digit of [1, 2, 3, 4]) tables.addConversation(closed, { activityid: guid(digit) });
  // 1: screens and audio; 2: Dynamics has no recording; 3: one without its file; 4: one that is no sound.
  missing.offer("01A", guid(1));
  tables.addRecording(guid(1), { format: "wav", bytes: sound }, { chunkStartTime: formatInstant(RING) });
  tables.addRecordingRow(guid(3));
  tables.addRecording(guid(4), { format: "mp3", bytes: Buffer.from("<html>".padEnd(3_000)) });
  // 5: screens whose conversation comes later; 6: screens of none; "call-7": not of Dynamics.
  missing.offer("01E", guid(5));
  missing.offer("01F", guid(6));
  missing.offer("01G", "call-7");
  const homeless = tables.insert("msdyn_ocrecordings", { msdyn_name: "of nobody", createdon: RING });
  await using rig = await missing.start();
  for (const id of [guid(1), guid(5), guid(6), "call-7"])
    expect((await rig.interaction(id)).audio).toBeNull();
  tables.addConversation(closed, { activityid: guid(5) });

  const { isDone, lines, report } = await runRecover(rig);
  expect(isDone).toBe(true);
  expect(casesOf(report)).toEqual([
    "no-audio 1 healed: 1 audio part(s) fetched",
    "no-audio 2 never: Dynamics has no recording of it: it was not recorded there, or was deleted",
    "no-audio 3 waiting: Dynamics has its recording, but no file in it yet",
    expect.stringMatching(
      /^no-audio 4 never: the file is a web page: "<html>.*3000 bytes are kept as .*unusable$/,
    ),
    "no-audio 5 never: Dynamics has no recording of it: it was not recorded there, or was deleted",
    "no-conversation 5 healed: its conversation was read",
    "no-conversation 6 never: Dynamics does not know it: it was deleted there",
    "no-conversation 7 never: its id is none that Dynamics gives: its events did not come from there",
    "no-conversation undefined never: its row at Dynamics names no conversation",
  ]);
  expect(report.cases.find(({ sourceId }) => sourceId !== undefined)).toMatchObject({ sourceId: homeless });
  expect(report.counts).toEqual({ healed: 2, waiting: 1, never: 6 });
  expect(report.lookedAt).toEqual({ conversations: 5, recordings: 4, interactions: 0 });
  expect(lines).toContain(`  healed  no audio        ${guid(1)}: 1 audio part(s) fetched`);

  // The screens that were archived without it have their sound now.
  const second = await rig.interaction(guid(1), ({ audio }) => audio !== null);
  expect([second.version, second.screens.length]).toEqual([2, 1]);
  const again = await runRecover(rig);
  expect([again.report.counts.healed, again.report.cases.length]).toEqual([0, 7]);
});

test("where no adapter runs the command is one, and what it brought is there when the adapter starts", async () => {
  await using missing = await openMissing();
  const { tables } = missing.dynamics;
  tables.addConversation(closed, { activityid: guid(1) });
  let config: AdapterRig["config"];
  {
    await using rig = await missing.start();
    config = rig.config;
  }
  const sourceId = tables.addRecording(guid(1), { format: "wav", bytes: missing.sound });
  const { lines, report } = await runRecover({ config });
  expect(lines[0]).toBe("no adapter runs here: this command is one until it has ended");
  expect(casesOf(report)).toEqual(["no-audio 1 healed: 1 audio part(s) fetched"]);
  await using rig = await missing.start();
  const { audio } = await rig.interaction(guid(1));
  expect(audio?.parts.map((part) => part.sourceId)).toEqual([sourceId]);
});

test("audio whose screens no recorder has is told, and audio that Dynamics cannot give now is tried on", async () => {
  await using missing = await openMissing();
  const { dynamics, sound } = missing;
  const { tables } = dynamics;
  for (const digit of [1, 2]) {
    tables.addConversation(closed, { activityid: guid(digit) });
    tables.addRecording(guid(digit), { format: "wav", bytes: sound });
  }
  await using rig = await missing.start();
  await runRecover(rig);
  const paths = ["FileAttributeName", "$value", "FileBlocks"];
  dynamics.faults.set({ webApi: paths.map((path) => ({ fault: "forbidden", path })) });
  tables.addConversation(closed, { activityid: guid(3) });
  tables.addRecording(guid(3), { format: "wav", bytes: sound });
  const { report } = await runRecover(rig);
  // How long a recording of screens is still waited for is 3 s here.
  const reason = "(waiting|never): no recorder has ";
  expect(casesOf(report)).toEqual([
    expect.stringMatching(/^no-audio 3 waiting: .*403/),
    expect.stringMatching(`^no-screens 1 ${reason}`),
    expect.stringMatching(`^no-screens 2 ${reason}`),
  ]);
});

test(
  "in the night an interaction whose screens come late has them, and the report says so",
  async () => {
    await using missing = await openMissing();
    const { dynamics, sound, folder } = missing;
    dynamics.tables.addConversation(closed, { activityid: guid(1) });
    dynamics.tables.addRecording(guid(1), { format: "wav", bytes: sound });
    {
      await using rig = await missing.start();
      await runRecover(rig);
      expect((await rig.interaction(guid(1), ({ audio }) => audio !== null)).screens).toEqual([]);
    }
    // Seconds before the night's hour, which is up to a day away.
    const aheadMs = nextNight(Date.now()) - Date.now() - 3_000;
    const clock = new WallClock({ system: () => Date.now() + aheadMs, monotonic: () => performance.now() });
    await using rig = await missing.start(clock);
    const headers = { Authorization: `Bearer ${rig.adapter.tokens.admin}` };
    const look = async () => {
      const answer = await fetch(`${rig.adapter.url}/v1/recovery`, { headers });
      const state = (await answer.json()) as Recovery["state"];
      const call = { method: "get", path: "/v1/recovery", status: 200 };
      expect(faultsOfAnswer(adapterApi() as unknown as ApiDocument, call, state)).toBe("");
      return state;
    };
    // The round that the recovery waits for takes longer than a version.
    dynamics.faults.set({ webApi: [{ fault: "slow", path: "msdyn_ocrecordings", delayMs: 6_000 }] });
    await expect.poll(async () => (await look()).running?.step, WAIT).toMatch(/^asking Dynamics again/);
    missing.offer("01A", guid(1));
    await rig.interaction(guid(1), ({ screens }) => screens.length === 1);
    dynamics.faults.set({});
    await expect.poll(async () => (await look()).last, WAIT).not.toBeNull();
    const { last } = await look();
    if (last === null || "fault" in last) throw new Error(`no report but ${JSON.stringify(last)}`);
    expect(last.report.by).toBe("night");
    expect(casesOf(last.report)).toContain("no-screens 1 healed: its screens are archived");
    expect(last.file.startsWith(join(folder, "data/adapter/recovery/"))).toBe(true);
  },
  NIGHT_TAKES_MS,
);

test("an adapter that does not answer, and a configuration without Dynamics, are told with what to do", async () => {
  await using missing = await openMissing();
  await using rig = await missing.start();
  const { dynamics: _dynamics, ...without } = rig.config;
  await expect(runRecover({ config: { ...without, dynamics: undefined } })).rejects.toMatchObject({
    code: "BAD_ARGUMENTS",
  });
  const http = { ...rig.config.adapter.http, port: 1 };
  const elsewhere = { ...rig.config, adapter: { ...rig.config.adapter, http } };
  await expect(runRecover({ config: elsewhere })).rejects.toThrow(/stop it and run this again/);
});

test("only admins recover, and only ranges that are some", async () => {
  await using missing = await openMissing();
  await using rig = await missing.start();
  const post = async (token: string, body: object) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${rig.adapter.url}/v1/recovery`, init)).status;
  };
  const { viewer, admin } = rig.adapter.tokens;
  const range = { from: "2026-03-02T00:00:00Z", to: "2026-03-03T00:00:00Z" };
  expect(await post(viewer, range)).toBe(403);
  expect(await post(admin, { ...range, to: range.from })).toBe(400);
  expect(await post(admin, { from: "yesterday" })).toBe(400);
  expect([await post(admin, range), await post(admin, range)]).toEqual([202, 409]);
});
