import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import { restartDelayMs, withCrash } from "../domain/page-restart.ts";

/** How often it is looked whether the page has said anything. */
const LOOK_EVERY_MS: DurationMs = 2_000;
/**
 * A page that has something to do, and has said nothing for so many looks, hangs. Looks are counted, because time also passes
 * in a sleep.
 */
const SILENT_LOOKS = 4;
/** The same for one that has nothing to do, which says something every half minute. */
const IDLE_SILENT_LOOKS = 45;

/** A page that runs in a process of its own. */
interface KeptPage {
  load(): Promise<void>;
  /** Ends its process; that it is gone is told afterwards. */
  kill(): void;
}

export interface PageKeeperOptions {
  page: KeptPage;
  steady: () => SteadyMs;
  /** The page is gone, with whatever it had; it is loaded again. */
  onLost: (message: string) => void;
  /** It has been loaded again, as new. */
  onReturned: () => void;
  log: Log;
}

/** Keeps a page there: one that died or hangs is loaded again, at once, or ever later in a series of deaths. */
export class PageKeeper {
  readonly #options: PageKeeperOptions;
  #crashes: SteadyMs[] = [];
  #silentLooks = 0;
  /** So many silent looks are one too many. */
  #patience = SILENT_LOOKS;
  /** Counts lives of the page: what an earlier one still answers is none of this one's. */
  #life = 0;
  #restart: NodeJS.Timeout | null = null;

  constructor(options: PageKeeperOptions) {
    this.#options = options;
  }

  /**
   * Loads it for the first time, and watches over it from then on.
   *
   * @throws when it cannot be loaded at all.
   */
  async start(): Promise<void> {
    await this.#options.page.load();
    setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** The page was told to do something, and is to answer. */
  asked(): void {
    if (this.#patience === SILENT_LOOKS) return;
    this.#patience = SILENT_LOOKS;
    this.#silentLooks = 0;
  }

  /** The page has said something. @param isBusy - it has something to do, and will soon say more. */
  heard(isBusy: boolean): void {
    this.#patience = isBusy ? SILENT_LOOKS : IDLE_SILENT_LOOKS;
    this.#silentLooks = 0;
  }

  /** Its process is gone. */
  died(reason: string): void {
    const { steady, onLost, log } = this.#options;
    this.#life += 1;
    this.#silentLooks = 0;
    this.#patience = SILENT_LOOKS;
    this.#crashes = withCrash(this.#crashes, steady());
    const delayMs = restartDelayMs(this.#crashes);
    const times = this.#crashes.length;
    log.error({ reason, times, delayMs }, "capture page died");
    onLost(`the capture page died (${reason}), ${times} time(s) within minutes`);
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = setTimeout(() => {
      this.#restart = null;
      void this.#load();
    }, delayMs);
  }

  async #load(): Promise<void> {
    const life = this.#life;
    try {
      await this.#options.page.load();
      if (life !== this.#life) return;
      this.#options.onReturned();
    } catch (error) {
      if (life === this.#life) this.died(`cannot be loaded: ${describeError(error)}`);
    }
  }

  #look(): void {
    if (this.#restart !== null) return;
    this.#silentLooks += 1;
    if (this.#silentLooks === this.#patience) {
      this.#options.log.error({ silentMs: this.#patience * LOOK_EVERY_MS }, "capture page hangs");
      this.#options.page.kill();
    }
    // There was no process to end.
    if (this.#silentLooks > this.#patience) this.died("hangs");
  }
}
