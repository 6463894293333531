import { describeError } from "#shared/runtime/errors.ts";
import { readToken } from "#shared/runtime/tokens-file.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { RecorderState } from "../domain/live-view.ts";
import { RecorderClient } from "../handoff/recorder-client.ts";

/** However many pages are open, a recorder is asked once in that time. */
const ASK_EVERY_MS: DurationMs = 1_000;
/** Whoever looks does not wait longer for a recorder that hangs: what was known before is told. */
const WAIT_MS: DurationMs = 1_000;

export interface LiveRecordersOptions {
  recorders: readonly { url: string; tokenFile: string }[];
  clock: Clock;
  signal: AbortSignal;
}

/** What happens at the recorders now; they are asked only while somebody looks. */
export class LiveRecorders {
  readonly #recorders: readonly LiveRecorder[];

  constructor(options: LiveRecordersOptions) {
    this.#recorders = options.recorders.map((recorder) => new LiveRecorder(recorder, options));
  }

  /** Never rejects: a recorder that does not answer is told of as such. */
  async read(): Promise<RecorderState[]> {
    const waited = new AbortController();
    await Promise.race([
      Promise.all(this.#recorders.map((recorder) => recorder.refresh())),
      new Promise((resolve) => {
        const timer = setTimeout(resolve, WAIT_MS);
        waited.signal.addEventListener("abort", () => clearTimeout(timer));
      }),
    ]);
    waited.abort();
    return this.#recorders.map((recorder) => recorder.state);
  }
}

class LiveRecorder {
  readonly #recorder: { url: string; tokenFile: string };
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #state: RecorderState;
  #asking: Promise<void> | null = null;
  /** When it was asked last, by steady time. */
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    recorder: { url: string; tokenFile: string },
    { clock, signal }: Pick<LiveRecordersOptions, "clock" | "signal">,
  ) {
    this.#recorder = recorder;
    this.#clock = clock;
    this.#signal = signal;
    this.#state = { name: new URL(recorder.url).host, answer: null, answeredAt: null, fault: null };
  }

  /** As last seen. */
  get state(): RecorderState {
    return this.#state;
  }

  /** Resolves once it has answered, or failed to; at once while what is known is new enough. */
  refresh(): Promise<void> {
    if (this.#asking !== null) return this.#asking;
    if (performance.now() - this.#askedAt < ASK_EVERY_MS) return Promise.resolve();
    this.#askedAt = performance.now();
    this.#asking = this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const { url, tokenFile } = this.#recorder;
    try {
      const client = new RecorderClient(url, await readToken(tokenFile, "adapter"));
      const answer = await client.live(this.#signal);
      this.#state = { ...this.#state, answer, answeredAt: this.#clock.now(), fault: null };
    } catch (error) {
      this.#state = { ...this.#state, fault: describeError(error) };
    }
  }
}
