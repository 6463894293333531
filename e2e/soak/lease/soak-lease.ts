import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { readToken } from "#shared/runtime/tokens-file.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { REPOSITORY } from "../../../build/repository.ts";
import { postEvents } from "../../rig/events.ts";
import { freePort } from "../../rig/ports.ts";
import { type Program, startProgram } from "../../rig/program.ts";
import { waitFor } from "../../rig/wait.ts";
import { type LeaseRound, planLeases } from "./lease-plan.ts";
import { LeasedDesktop } from "./leased-desktop.ts";

export interface LeaseSoakOptions {
  readonly seed: number;
  readonly kills: number;
  readonly desktops: number;
}

export interface LeaseSoakResult {
  readonly options: LeaseSoakOptions;
  readonly startedAt: EpochMs;
  readonly tookMs: DurationMs;
  /** Captures that were under way at a kill, and that were still under way at their lease's last look before its end. */
  readonly captures: { readonly atKill: number; readonly nearEnd: number };
  /** How long after its lease a capture was still seen, at worst. */
  readonly worstLateMs: DurationMs;
  readonly faults: string[];
}

/** A recording's own limit is the lease's too: so short that a soak need not wait a minute after each kill. */
const MAX_RECORDING_S = 8;
const WITHIN_MS: DurationMs = 60_000;
const LOOK_EVERY_MS: DurationMs = 20;
/** A busy machine fires its timers late. */
const LATE_ALLOWED_MS: DurationMs = 1_500;

/**
 * Kills a recorder in calls again and again and leaves it dead until every lease is over: no desktop may capture after its
 * own. Meanwhile desktops have their clocks set, and sleep.
 */
export async function soakLease(
  options: LeaseSoakOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<LeaseSoakResult> {
  const startedAt = Date.now();
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-soak-lease-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const site = await prepare(folder);
  let recorder = await site.start(signal);
  // Whichever runs then.
  parts.defer(() => recorder[Symbol.asyncDispose]());
  const tokens = {
    integration: await readToken(site.tokensFile, "integration"),
    admin: await readToken(site.tokensFile, "admin"),
  };
  const enrollment = await readToken(site.tokensFile, "enrollment");
  const url = `${site.recorderUrl.replace(/^http/, "ws")}/v1/agent`;
  const desktops = Array.from({ length: options.desktops }, (_, index) =>
    parts.use(new LeasedDesktop(url, `agent-${index + 1}`, enrollment)),
  );
  const watch = new LeaseWatch(desktops);
  for (const [index, round] of planLeases(options).entries()) {
    if (index > 0) recorder = await site.start(signal);
    // A recording lasts for seconds only, so they have to be there when it begins; who wakes connects at once.
    await Promise.all(desktops.map((desktop) => desktop.sleepFor(0)));
    await waitFor("all desktops to be connected", () => desktops.every(({ isOnline }) => isOnline), {
      withinMs: WITHIN_MS,
      signal,
    });
    const events = desktops.map(({ agent }) => {
      const at = new Date().toISOString();
      return { id: randomUUID(), type: "connected", at, agent, callSessionId: randomUUID() };
    });
    const answer = await postEvents({ recorderUrl: site.recorderUrl, tokens }, events);
    if (answer.status !== 202) throw new Error(`the calls were refused: ${await answer.text()}`);
    await waitFor("all desktops to capture", () => desktops.every((desktop) => desktop.isCapturing), {
      withinMs: WITHIN_MS,
      signal,
    });
    await sleep(round.killAfterMs, undefined, { signal });
    await recorder.kill();
    await watch.untilOver(round, signal);
    say(`${index + 1} kills; ${watch.describe()}`);
  }
  const { atKill, nearEnd, worstLateMs, faults } = watch;
  const tookMs = Date.now() - startedAt;
  return { options, startedAt, tookMs, captures: { atKill, nearEnd }, worstLateMs, faults };
}

/** Looks at captures after a kill. */
class LeaseWatch {
  readonly #desktops: readonly LeasedDesktop[];
  readonly faults: string[] = [];
  atKill = 0;
  nearEnd = 0;
  worstLateMs: DurationMs = 0;

  constructor(desktops: readonly LeasedDesktop[]) {
    this.#desktops = desktops;
  }

  describe(): string {
    return `${this.atKill} captures, ${this.nearEnd} of them to the end of their lease, ${Math.round(this.worstLateMs)} ms late at worst`;
  }

  /** Watches until a while after the last lease and the last sleep. */
  async untilOver({ mishaps }: LeaseRound, signal: AbortSignal): Promise<void> {
    const killedAt = Date.now();
    this.atKill += this.#desktops.filter(({ isCapturing }) => isCapturing).length;
    const sleeps = this.#desktops.map(async (desktop, index) => {
      const mishap = mishaps[index];
      if (mishap?.kind === "clock") desktop.setClock(mishap.byMs);
      if (mishap?.kind !== "sleep") return;
      await sleep(mishap.afterMs, undefined, { signal });
      await desktop.sleepFor(mishap.forMs);
    });
    const state = { isAwake: false };
    const awake = Promise.all(sleeps).then(() => {
      state.isAwake = true;
    });
    const lastLease = Math.max(...this.#desktops.map(({ stopNoLaterThan }) => stopNoLaterThan));
    const reachedEnd = new Set<LeasedDesktop>();
    const late = new Set<LeasedDesktop>();
    while (!state.isAwake || Date.now() < lastLease + LATE_ALLOWED_MS) {
      const now = Date.now();
      for (const desktop of this.#desktops.filter(({ isCapturing }) => isCapturing)) {
        const overMs = now - desktop.stopNoLaterThan;
        if (overMs > -500) reachedEnd.add(desktop);
        this.worstLateMs = Math.max(this.worstLateMs, overMs);
        if (overMs > LATE_ALLOWED_MS && !late.has(desktop)) {
          late.add(desktop);
          const after = Math.round(now - killedAt);
          this.faults.push(
            `${desktop.agent} captures ${Math.round(overMs)} ms after its lease, ${after} ms after the kill`,
          );
        }
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
    await awake;
    for (const desktop of this.#desktops.filter(({ isCapturing }) => isCapturing))
      this.faults.push(`${desktop.agent} still captures, with its recorder dead`);
    this.nearEnd += reachedEnd.size;
  }
}

async function prepare(folder: string) {
  const [http, ops, media] = [await freePort(), await freePort(), await freePort()];
  const configFile = join(folder, "deskreel.yaml");
  const tokensFile = join(folder, "recorder-tokens.json");
  const recorder = {
    ...{
      http: { port: http },
      ops: { port: ops },
      webrtc: { port: media },
      bufferDir: "./buffer",
      tokensFile,
    },
    lifecycle: { maxRecordingS: MAX_RECORDING_S },
  };
  await writeFile(configFile, stringify({ recorder }), { mode: 0o600 });
  return {
    tokensFile,
    recorderUrl: `http://127.0.0.1:${http}`,
    async start(signal: AbortSignal): Promise<Program> {
      const main = join(REPOSITORY, "apps/recorder/main.ts");
      const program = await startProgram("the recorder", process.execPath, [main, "--config", configFile]);
      const isReady = async () => (await fetch(`http://127.0.0.1:${ops}/readyz`)).ok;
      await waitFor("the recorder to be ready", isReady, { withinMs: WITHIN_MS, signal });
      return program;
    },
  };
}
