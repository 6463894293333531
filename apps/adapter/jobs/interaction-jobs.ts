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
import { useArchived } from "../domain/archived-source.ts";
import { planStitch } from "../domain/stitch-plan.ts";
import { clearScratch, openScratch } from "../stitch/scratch.ts";
import { segmentPath } from "../handoff/source-paths.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { AdapterStores } from "../store/stores.ts";
import { archiveVersion, hashPlan, type VersionSources } from "./archive-interaction.ts";
import { adoptVersion, lookUpArchived } from "./archived-sources.ts";
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
 * kept in memory only: after a start every interaction is looked at whose newest version may lack
 * something.
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
    for (const id of this.#options.stores.jobs.listUnsettled()) this.note(id);
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
    const job = stores.jobs.get(interactionId);
    if (job.attempts > 0 && job.retryAt > clock.now()) {
      this.#lookAgain(interactionId, job.retryAt);
      return;
    }
    try {
      if (job.version > 0 && job.planHash === null) await this.#adopt(interactionId, signal);
      if (!this.#isReady(interactionId, log)) return;
      const plan = planStitch(gatherFacts(stores, interactionId));
      if (plan === null || hashPlan(plan) === job.planHash) {
        stores.jobs.settle(interactionId);
        return;
      }
      const usable = useArchived(plan, lookUpArchived(stores, interactionId));
      await this.#archive({ plan, usable }, log, signal);
      // It is settled only if nothing has come meanwhile.
      this.note(interactionId);
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

  #isReady(interactionId: string, log: Log): boolean {
    const { stores, rules, clock } = this.#options;
    const readiness = judgeReadiness(gatherReadiness(stores, interactionId), rules, clock.now());
    if (!readiness.ready) {
      log.debug({ waitingFor: readiness.waitingFor }, "interaction not ready");
      if (readiness.until !== null) this.#lookAgain(interactionId, readiness.until);
    } else if (readiness.because === "audio-timeout") log.warn({}, "archived with what there is");
    return readiness.ready;
  }

  /** The archive has a version that was not made from what the database knows. */
  async #adopt(interactionId: string, signal: AbortSignal): Promise<void> {
    const { stores, archive, clock, dataDir } = this.#options;
    const { version, folder } = stores.jobs.get(interactionId);
    if (folder === null) return;
    await using scratch = await openScratch(dataDir, interactionId);
    await adoptVersion(interactionId, version, folder, {
      ...{ stores, archive, clock, signal },
      scratch: scratch.path,
    });
  }

  async #archive(sources: VersionSources, log: Log, signal: AbortSignal): Promise<void> {
    const { stores, archive, catalogue, clock, dataDir } = this.#options;
    const { plan } = sources;
    const id = plan.interactionId;
    const job = stores.jobs.get(id);
    const folder = job.folder ?? interactionPlace(id, plan.startedAt);
    // The first version's date is decided once, also when that version takes two tries.
    if (job.folder === null) stores.jobs.put(id, { ...job, folder });
    const stitch = { dataDir, segmentPath, log, signal };
    // What the newest version was made from is not known when the archive told of it; it may be just this.
    let version = job.version > 0 && job.planHash === null ? job.version : job.version + 1;
    let place = versionPlace(folder, version);
    let manifest = await archiveVersion(sources, version, place, archive, stitch);
    if (manifest === null && version === job.version) {
      version += 1;
      place = versionPlace(folder, version);
      manifest = await archiveVersion(sources, version, place, archive, stitch);
    }
    if (manifest === null) {
      // A version that the database does not know: what it has must be in the next one too.
      stores.jobs.noteArchived(id, version, folder);
      return;
    }
    const made = { manifest, place };
    stores.transaction(() => {
      const done = { attempts: 0, retryAt: 0, fault: null, archivedAt: clock.now() };
      stores.jobs.put(id, { version, planHash: hashPlan(plan), folder, ...done });
      catalogue.put(made.manifest, made.place);
    });
    log.info(
      { version, coverage: manifest.coverage, at: formatInstant(clock.now()) },
      "interaction readable",
    );
    this.#options.onReadable?.(id, version);
  }

  #lookAgain(interactionId: string, at: EpochMs): void {
    // Something new may have come while this was decided: that is due already, and stays so.
    const due = this.#dueAt.get(interactionId);
    if (due === undefined || due > at) this.#dueAt.set(interactionId, at);
  }
}
