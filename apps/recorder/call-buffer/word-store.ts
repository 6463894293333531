import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";
import type { RecordingFactsReader, RecordingRow } from "./recording-facts.ts";

const JUDGE_EVERY_MS: DurationMs = 1_000;
/** A turn of the event loop is taken for so many: some milliseconds. */
const JUDGED_AT_ONCE = 25;

/** The words of ended recordings, stored so that they can be looked for. Whoever reads before that judges himself. */
export class WordStore {
  readonly #facts: RecordingFactsReader;
  readonly #unjudged;
  readonly #isAnyUnjudged;
  readonly #store;

  constructor(catalogue: Catalogue, facts: RecordingFactsReader) {
    this.#facts = facts;
    this.#unjudged = catalogue.prepare<[], RecordingRow>(
      `SELECT * FROM recordings INDEXED BY recordings_unjudged
       WHERE word IS NULL AND ended_at IS NOT NULL ORDER BY id LIMIT ${JUDGED_AT_ONCE}`,
    );
    this.#isAnyUnjudged = catalogue.prepare<[], { found: number }>(
      `SELECT EXISTS (SELECT 1 FROM recordings INDEXED BY recordings_unjudged
         WHERE word IS NULL AND ended_at IS NOT NULL) AS found`,
    );
    this.#store = catalogue.prepare("UPDATE recordings SET word = ? WHERE id = ?");
  }

  /** Whether a recording has ended or changed since it was judged. */
  get isBehind(): boolean {
    return this.#isAnyUnjudged.get()?.found === 1;
  }

  /** Judges some of them. */
  judgeSome(): void {
    for (const row of this.#unjudged.all()) this.#store.run(this.#facts.read(row).verdict.word, row.id);
  }
}

/** Judges what has ended or changed since, every second, until it is disposed of. */
export class WordUpkeep implements Disposable {
  readonly #words: WordStore;
  readonly #commit: (changes: () => void) => Promise<void>;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #isRunning = false;
  #isDisposed = false;

  constructor(words: WordStore, commit: (changes: () => void) => Promise<void>, log: Log) {
    this.#words = words;
    this.#commit = commit;
    this.#log = log;
    this.#timer = setInterval(() => void this.#judge(), JUDGE_EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearInterval(this.#timer);
  }

  async #judge(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (!this.#isDisposed && this.#words.isBehind) await this.#commit(() => this.#words.judgeSome());
    } catch (error) {
      this.#log.warn({ err: error }, "recordings could not be judged, to be tried again");
    } finally {
      this.#isRunning = false;
    }
  }
}
