import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { readToken } from "#shared/runtime/tokens-file.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { REPOSITORY } from "../../../build/repository.ts";
import { freePort } from "../../rig/ports.ts";
import { type Program, startProgram } from "../../rig/program.ts";
import { waitFor } from "../../rig/wait.ts";
import { decodeHandedIn, type HandedInFrame } from "./handed-in.ts";

/** So short that each run seals segments; those of the capture are cut at its sizes too. */
const SEGMENT_S = 3;
const READY_WITHIN_MS = 60_000;
const ERRORS_KEPT = 20;

/** A recorder process on plain RTP that is started and killed by the soak; disposing stops it in good order. */
export class KilledRecorder implements AsyncDisposable {
  readonly folder: string;
  readonly bufferDir: string;
  readonly url: string;
  readonly logFile: string;
  readonly #opsUrl: string;
  readonly #onFrame: (run: number, frame: HandedInFrame) => void;
  #program: Program | null = null;
  /** Counts starts, from 1. */
  run = 0;
  /** Errors of the recorder's own. */
  readonly errors: string[] = [];
  /** Segments recovered, and what recoveries could not. */
  readonly recovery = { recovered: 0, damaged: 0, lost: 0, failed: 0 };

  private constructor(
    folder: string,
    ports: { http: number; ops: number },
    onFrame: (run: number, frame: HandedInFrame) => void,
  ) {
    this.folder = folder;
    this.bufferDir = join(folder, "buffer");
    this.url = `http://127.0.0.1:${ports.http}`;
    this.logFile = join(folder, "recorder.log");
    this.#opsUrl = `http://127.0.0.1:${ports.ops}`;
    this.#onFrame = onFrame;
  }

  /** Prepares its folder; it does not run yet. */
  static async prepare(
    folder: string,
    onFrame: (run: number, frame: HandedInFrame) => void,
  ): Promise<KilledRecorder> {
    const [http, ops, media] = [await freePort(), await freePort(), await freePort()];
    const config = {
      recorder: {
        ...{ http: { port: http }, ops: { port: ops }, webrtc: { port: media } },
        ...{ bufferDir: "./buffer", tokensFile: "./recorder-tokens.json" },
        buffer: { segmentS: SEGMENT_S },
      },
    };
    await mkdir(join(folder, "buffer"), { recursive: true });
    await writeFile(join(folder, "deskreel.yaml"), stringify(config), { mode: 0o600 });
    return new KilledRecorder(folder, { http, ops }, onFrame);
  }

  async start(): Promise<void> {
    this.run += 1;
    const { run, logFile } = this;
    const main = join(REPOSITORY, "e2e/soak/media/recorder-main.ts");
    const args = [main, join(this.folder, "deskreel.yaml")];
    this.#program = await startProgram("the recorder", process.execPath, args, {
      logFile,
      onLine: (line) => this.#read(run, line),
    });
  }

  /** Kills it as a crash would. @returns when, and that all that it had told is known. */
  async kill(): Promise<EpochMs> {
    const killedAt = Date.now();
    await this.#program?.kill();
    return killedAt;
  }

  /** Resolves when it answers that it is ready. */
  async ready(signal: AbortSignal): Promise<void> {
    const program = this.#program;
    let hasEnded = false;
    void program?.ended.then(() => (hasEnded = true));
    await waitFor(
      "the recorder to be ready",
      async () => {
        if (hasEnded) throw new Error(`it has ended by itself:\n${program?.tail()}`);
        return (await fetch(`${this.#opsUrl}/readyz`)).ok;
      },
      { withinMs: READY_WITHIN_MS, signal },
    );
  }

  token(name: "admin" | "integration" | "enrollment"): Promise<string> {
    return readToken(join(this.folder, "recorder-tokens.json"), name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }

  #read(run: number, line: string): void {
    const frame = decodeHandedIn(line);
    if (frame !== null) {
      this.#onFrame(run, frame);
      return;
    }
    if (/"level":[56]0/.test(line) && this.errors.length < ERRORS_KEPT) this.errors.push(line);
    if (!line.includes('"segments of the last run recovered"')) return;
    const counts = JSON.parse(line) as Record<keyof typeof this.recovery, number>;
    for (const name of ["recovered", "damaged", "lost", "failed"] as const)
      this.recovery[name] += counts[name];
  }
}
