import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { InteractionCatalogue } from "../archive/catalogue.ts";
import type { Archive } from "../archive/archive.ts";
import { interactionPlace, versionPlace } from "../archive/places.ts";
import { backoffMs } from "#shared/loop/backoff.ts";
import { judgeReadiness, type ReadinessRules } from "../domain/readiness.ts";
import { planStitch, type StitchPlan } from "../domain/stitch-plan.ts";
import { clearScratch } from "../stitch/stitch-version.ts";
import { segmentPath } from "../handoff/source-paths.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { AdapterStores } from "../store/stores.ts";
import { archiveVersion, hashPlan } from "./archive-interaction.ts";
import { gatherFacts, gatherReadiness } from "./gather-facts.ts";

/** A failed version is tried again: a full disk or a missing ffmpeg gets mended, and nothing is lost meanwhile. */
const RETRY = { firstMs: 5_000, mostMs: 900_000 };

export interface JobOptions {
  stores: AdapterStores;
  archive: Archive;
  catalogue: InteractionCatalogue;
  rules: ReadinessRules;
  dataDir: string;
  clock: Clock;
  log: Log;
  /** False for what was deleted: it does not come back with what comes late. */
  mayArchive?: (interactionId: string) => boolean;
  /** Called when a version can be replayed. */
  onReadable?: (interactionId: string, version: number) => void;
}

/**
 * Brings every interaction into the archive as soon as it is ready, and again when something came later. What is due is
 * kept in memory only: after a start every known interaction is looked at.
 */
export class InteractionJobs {
  readonly #options: JobOptions;
  readonly #wake = new WakeSignal();
  /** When each interaction is looked at next. */
  readonly #dueAt = new Map<string, EpochMs>();

  #current: string | null = null;

  constructor(options: JobOptions) {
    this.#options = options;
  }

  /** Something of the interaction is new: it is looked at now. */
  note(interactionId: string): void {
    this.#dueAt.set(interactionId, 0);
    this.#wake.wake();
  }

  /** Whether a version of it is being made. */
  isBusyWith(interactionId: string): boolean {
    return this.#current === interactionId;
  }

  async run(signal: AbortSignal): Promise<void> {
    await clearScratch(this.#options.dataDir);
    for (const id of this.#options.stores.jobs.listKnown()) this.note(id);
    while (!signal.aborted) {
      const next = this.#takeDue();
      if (next === null) await this.#wake.pause(this.#untilNext(), signal);
      else {
        this.#current = next;
        await this.#advance(next, signal).finally(() => {
          this.#current = null;
        });
      }
    }
  }

  #takeDue(): string | null {
    const now = this.#options.clock.now();
    for (const [id, at] of this.#dueAt) {
      if (at > now) continue;
      this.#dueAt.delete(id);
      return id;
    }
    return null;
  }

  #untilNext(): number | null {
    if (this.#dueAt.size === 0) return null;
    return Math.min(...this.#dueAt.values()) - this.#options.clock.now();
  }

  async #advance(interactionId: string, signal: AbortSignal): Promise<void> {
    const { stores, clock, mayArchive } = this.#options;
    if (mayArchive?.(interactionId) === false) return;
    const log = this.#options.log.child({ interactionId });
    const readiness = judgeReadiness(
      gatherReadiness(stores, interactionId),
      this.#options.rules,
      clock.now(),
    );
    if (!readiness.ready) {
      log.debug({ waitingFor: readiness.waitingFor }, "interaction not ready");
      if (readiness.until !== null) this.#lookAgain(interactionId, readiness.until);
      return;
    }
    const job = stores.jobs.get(interactionId);
    if (job.attempts > 0 && job.retryAt > clock.now()) {
      this.#lookAgain(interactionId, job.retryAt);
      return;
    }
    try {
      const plan = planStitch(gatherFacts(stores, interactionId));
      if (plan === null || hashPlan(plan) === job.planHash) return;
      if (readiness.because === "audio-timeout") log.warn({}, "archived with what there is");
      await this.#archive(plan, log, signal);
    } catch (error) {
      if (signal.aborted) return;
      const attempts = job.attempts + 1;
      const retryAt = clock.now() + backoffMs(attempts, RETRY);
      stores.jobs.put(interactionId, {
        ...stores.jobs.get(interactionId),
        ...{ attempts, retryAt, fault: describeError(error) },
      });
      log.error({ err: error, attempts, retryAt: formatInstant(retryAt) }, "interaction not archived");
      this.#lookAgain(interactionId, retryAt);
    }
  }

  async #archive(plan: StitchPlan, log: Log, signal: AbortSignal): Promise<void> {
    const { stores, archive, catalogue, clock, dataDir } = this.#options;
    const id = plan.interactionId;
    const job = stores.jobs.get(id);
    const interactionFolder = job.folder ?? interactionPlace(id, plan.startedAt);
    // The first version's date is decided once, also when that version takes two tries.
    if (job.folder === null) stores.jobs.put(id, { ...job, folder: interactionFolder });
    const stitch = { dataDir, segmentPath, log, signal };
    for (let version = job.version + 1; ; version += 1) {
      const place = versionPlace(interactionFolder, version);
      const manifest = await archiveVersion(plan, version, place, archive, stitch);
      if (manifest === null) continue;
      stores.transaction(() => {
        const done = { attempts: 0, retryAt: 0, fault: null };
        stores.jobs.put(id, { version, planHash: hashPlan(plan), folder: interactionFolder, ...done });
        catalogue.put(manifest, place);
      });
      log.info(
        { version, coverage: manifest.coverage, at: formatInstant(clock.now()) },
        "interaction readable",
      );
      this.#options.onReadable?.(id, version);
      return;
    }
  }

  #lookAgain(interactionId: string, at: EpochMs): void {
    // Something new may have come while this was decided: that is due already, and stays so.
    const due = this.#dueAt.get(interactionId);
    if (due === undefined || due > at) this.#dueAt.set(interactionId, at);
  }
}
