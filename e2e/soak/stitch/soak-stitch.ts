import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { FakeRecorder } from "../../../apps/adapter/rig/fake-recorder.ts";
import { mountSmallDisk } from "../../../apps/recorder/testing/small-disk.ts";
import { startDynamics } from "../../dynamics/simulator.ts";
import { waitFor } from "../../rig/wait.ts";
import { KilledAdapter } from "./killed-adapter.ts";
import { OfferedCalls } from "./offered-calls.ts";
import { isWhole, judgeArchive, readArchive } from "./stitch-judge.ts";
import { type PlannedBlow, planBlows } from "./stitch-plan.ts";

export interface StitchSoakOptions {
  readonly seed: number;
  readonly kills: number;
}

export interface StitchSoakResult {
  readonly options: StitchSoakOptions;
  readonly startedAt: EpochMs;
  readonly tookMs: DurationMs;
  readonly calls: number;
  readonly versions: number;
  /** How often what happened, and why what did not. */
  readonly blows: { kill: number; ffmpeg: number; disk: number };
  readonly skipped: readonly string[];
  /** Kills that found a version half made, which the next run made anew. */
  readonly halfMade: number;
  /** Versions that failed and were tried again. */
  readonly failures: number;
  readonly verifications: number;
  readonly faults: readonly string[];
}

/** The archive's disk: room for hundreds of such calls. */
const DISK_MIB = 256;
const FFMPEG_WITHIN_MS: DurationMs = 20_000;
const GONE_WITHIN_MS: DurationMs = 300;
const FAILS_WITHIN_MS: DurationMs = 60_000;
const ALL_WITHIN_MS: DurationMs = 600_000;

/**
 * Archives calls with an adapter process that is killed again and again, whose ffmpegs are killed and whose disk is full
 * at times, and verifies the archive after each kill.
 *
 * @param say - told how it goes, line by line.
 */
export async function soakStitch(
  options: StitchSoakOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<StitchSoakResult> {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-soak-stitch-"));
  let isToBeRead = true;
  await using parts = new AsyncDisposableStack();
  parts.defer(async () => {
    if (isToBeRead) say(`log and data are left in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });
  const recorder = parts.use(await FakeRecorder.listen());
  const dynamics = parts.use(await startDynamics({ log: silentLog() }));
  const disk = await mountSmallDisk(DISK_MIB, "tmpfs");
  if (disk !== null) parts.use(disk);
  const archive = disk?.folder ?? join(folder, "archive");
  await mkdir(archive, { recursive: true });
  const adapter = parts.use(
    await KilledAdapter.prepare(folder, archive, { recorderUrl: recorder.url, dynamics }),
  );
  const calls = await OfferedCalls.make(recorder, dynamics, folder);
  say(`the adapter logs to ${adapter.logFile}`);
  await adapter.start();

  const faults: string[] = [];
  const skipped = new Set<string>();
  const blows = { kill: 0, ffmpeg: 0, disk: 0 };
  let [halfMade, verifications] = [0, 0];
  const strike: Record<PlannedBlow["what"], (afterMs: DurationMs) => Promise<void>> = {
    async kill(afterMs) {
      await sleep(afterMs, undefined, { signal });
      await adapter.kill();
      // The kernel kills them when their parent is gone, and takes them down a moment later.
      await sleep(GONE_WITHIN_MS, undefined, { signal });
      const left = await adapter.leftOver();
      if (left.length > 0) faults.push(`ffmpegs outlived their adapter: ${left.join(", ")}`);
      const state = await readArchive(archive);
      verifications += 1;
      faults.push(...state.faults);
      if (state.unfinished.length > 0) halfMade += 1;
      calls.offerAgain();
      await adapter.start();
      blows.kill += 1;
    },
    async ffmpeg() {
      const before = adapter.failures.length;
      if (!(await adapter.killFfmpeg(FFMPEG_WITHIN_MS, signal))) faults.push("there was no ffmpeg to kill");
      await failed(adapter, before, signal);
      blows.ffmpeg += 1;
    },
    async disk() {
      if (disk === null) {
        skipped.add("disk full: this user may not mount a small disk");
        return;
      }
      const before = adapter.failures.length;
      await disk.fill();
      calls.offer();
      await failed(adapter, before, signal);
      await disk.empty();
      blows.disk += 1;
    },
  };
  const plan = planBlows(options);
  for (const [index, { what, afterMs }] of plan.entries()) {
    await adapter.ready(signal);
    calls.offer();
    await strike[what](afterMs);
    if ((index + 1) % 10 === 0)
      say(`${index + 1} of ${plan.length} blows, ${adapter.readable} versions readable`);
  }
  await adapter.ready(signal);
  await waitFor("all calls to be archived", () => areAllThere(adapter, calls.ids, signal), {
    ...{ withinMs: ALL_WITHIN_MS, everyMs: 500, signal },
  });
  const listed = await listIds(adapter, signal);
  await adapter[Symbol.asyncDispose]();
  const state = await readArchive(archive);
  faults.push(...judgeArchive(state, calls.ids, listed));
  isToBeRead = faults.length > 0;
  return {
    ...{ options, startedAt, tookMs: Date.now() - startedAt, calls: calls.ids.length },
    ...{ versions: state.manifests.length, blows, skipped: [...skipped], halfMade },
    ...{ failures: adapter.failures.length, verifications: verifications + 1, faults },
  };
}

function failed(adapter: KilledAdapter, before: number, signal: AbortSignal): Promise<true> {
  const has = () => adapter.failures.length > before;
  return waitFor("a version to fail", has, { withinMs: FAILS_WITHIN_MS, everyMs: 20, signal });
}

interface Listed {
  items: Parameters<typeof isWhole>[0][];
  cursor: string | null;
}

async function areAllThere(
  adapter: KilledAdapter,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const items = await listAll(adapter, signal);
  const whole = new Set(items.filter((item) => isWhole(item, 2)).map(({ interactionId }) => interactionId));
  return ids.every((id) => whole.has(id));
}

async function listIds(adapter: KilledAdapter, signal: AbortSignal): Promise<string[]> {
  return (await listAll(adapter, signal)).map(({ interactionId }) => interactionId);
}

async function listAll(adapter: KilledAdapter, signal: AbortSignal): Promise<Listed["items"]> {
  const headers = { Authorization: `Bearer ${await adapter.viewerToken()}` };
  const items: Listed["items"] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query = new URLSearchParams({ limit: "100", ...(cursor === "" ? {} : { cursor }) });
    const answer = await fetch(`${adapter.url}/v1/interactions?${query.toString()}`, { headers, signal });
    if (!answer.ok) throw new Error(`the list answers ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as Listed;
    items.push(...page.items);
    cursor = page.cursor;
  }
  return items;
}
