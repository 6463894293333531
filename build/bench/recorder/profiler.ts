import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";

const SAMPLE_EVERY_US = 500;

/**
 * A CPU profile of this thread, as `node --cpu-prof` makes one, but until it is told to end. To be made early: beginning
 * with one stops a program for as long as it takes to list all its code.
 */
export class Profiler {
  readonly #session = new Session();
  readonly #file: string;
  #isRunning = true;

  /** @param file - for the profile; Chromium's developer tools open it. */
  constructor(file: string) {
    this.#file = file;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_US });
    this.#session.post("Profiler.start");
  }

  /** Writes the file, once. */
  end(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#session.post("Profiler.stop", (error, { profile }) => {
      if (error === null) writeFileSync(this.#file, JSON.stringify(profile));
    });
  }
}
