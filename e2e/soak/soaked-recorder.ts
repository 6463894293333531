import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { loadConfig } from "#shared/runtime/config.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { readToken } from "#shared/runtime/tokens-file.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { setUpDynamics } from "../../apps/recorder/dynamics/registration/registration.ts";
import { REPOSITORY } from "../../build/repository.ts";
import type { DynamicsSimulator } from "../dynamics/simulator.ts";
import { freePort } from "../rig/ports.ts";
import { type Program, startProgram } from "../rig/program.ts";

/** How often the recorder asks Dynamics what has changed, in seconds. */
export const RECONCILE_S = 2;
const READY_WITHIN_MS = 60_000;
const RESTART_AFTER_FAULT_MS: DurationMs = 1_000;
/** A recorder that has ended by itself so often will not come up. */
const HOPELESS_ENDS = 5;
/** Soaks are noisy; the first lines are enough to begin with, the log file has all. */
const ERRORS_KEPT = 20;

/** A recorder's end that nobody wanted. */
interface UnwantedEnd {
  readonly at: EpochMs;
  readonly code: number | null;
  readonly tail: string;
}

/**
 * A recorder process on a folder and ports of its own, which is started again whenever it ends, as a supervisor would;
 * its times are short, and it has no desktops. Disposing stops it for good.
 */
export class SoakedRecorder implements AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly logFile: string;
  readonly #opsUrl: string;
  readonly #configFile: string;
  readonly #signal: AbortSignal;
  #program: Program | null = null;
  #isStopping = false;
  readonly #killed = new WeakSet<Program>();
  #supervision: Promise<void> = Promise.resolve();
  readonly unwantedEnds: UnwantedEnd[] = [];
  /** Lines of the log that tell of an error of the recorder's own. */
  readonly errors: string[] = [];
  errorCount = 0;
  kills = 0;

  private constructor(
    folder: string,
    ports: { http: number; ops: number },
    configFile: string,
    signal: AbortSignal,
  ) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${ports.http}`;
    this.logFile = join(folder, "recorder.log");
    this.#opsUrl = `http://127.0.0.1:${ports.ops}`;
    this.#configFile = configFile;
    this.#signal = signal;
  }

  /** Starts the recorder, and registers its webhook at Dynamics as `npm run setup-dynamics` does. */
  static async start(
    folder: string,
    dynamics: DynamicsSimulator,
    signal: AbortSignal,
  ): Promise<SoakedRecorder> {
    const [http, ops, media] = [await freePort(), await freePort(), await freePort()];
    const { url, tenantId, clientId } = dynamics;
    const clientSecretFile = join(folder, "dynamics-secret");
    await writeFile(clientSecretFile, dynamics.clientSecret, { mode: 0o600 });
    const configFile = join(folder, "deskreel.yaml");
    const tree = {
      recorder: {
        http: { port: http },
        ops: { port: ops },
        webrtc: { port: media },
        bufferDir: "./buffer",
        tokensFile: "./recorder-tokens.json",
        lifecycle: { discardGraceS: 1 },
      },
      dynamics: {
        ...{ url, authority: url, tenantId, clientId, clientSecretFile },
        events: "webhook",
        reconcileS: RECONCILE_S,
        // A hold and the next are seconds apart here, and no person is that quick.
        mapping: { holdMatchS: 1 },
      },
    };
    await writeFile(configFile, stringify(tree), { mode: 0o600 });
    const recorder = new SoakedRecorder(folder, { http, ops }, configFile, signal);
    try {
      await recorder.#run();
      recorder.#supervision = recorder.#supervise();
      await recorder.ready();
      await recorder.#registerWebhook();
      return recorder;
    } catch (error) {
      await recorder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Kills it as a power cut would; it is started again at once. */
  async kill(): Promise<void> {
    this.kills += 1;
    const program = this.#program;
    if (program === null) return;
    this.#killed.add(program);
    await program.kill();
  }

  /** Resolves when it answers that it is ready. */
  async ready(): Promise<void> {
    const ask = async () => {
      if (this.unwantedEnds.length >= HOPELESS_ENDS) {
        throw new DeskreelError(
          "CANNOT_START",
          `the recorder ends again and again:\n${this.unwantedEnds[0]?.tail}`,
        );
      }
      return fetch(`${this.#opsUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    };
    const until = performance.now() + READY_WITHIN_MS;
    while (!(await ask())) {
      if (performance.now() > until) {
        const tail = this.#program?.tail() ?? "";
        throw new DeskreelError(
          "CANNOT_START",
          `the recorder is not ready after ${READY_WITHIN_MS / 1_000} s:\n${tail}`,
        );
      }
      await sleep(200, undefined, { signal: this.#signal });
    }
  }

  /** A gauge without labels of `/metrics`; null when it has no value. */
  async gauge(name: string): Promise<number | null> {
    const text = await (await fetch(`${this.#opsUrl}/metrics`)).text();
    const line = text.split("\n").find((one) => one.startsWith(`${name} `));
    const value = Number(line?.slice(name.length + 1));
    return line === undefined || Number.isNaN(value) ? null : value;
  }

  token(name: "admin" | "webhookKey"): Promise<string> {
    return readToken(join(this.folder, "recorder-tokens.json"), name);
  }

  /** What the process holds in memory, in bytes; null where the system does not tell. */
  async residentBytes(): Promise<number | null> {
    const status = await readFile(`/proc/${this.#program?.pid}/status`, "utf8").catch(() => "");
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
  }

  /** Ends it in good order; its folder can be read then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#program?.[Symbol.asyncDispose]();
    await this.#supervision;
    // One that was just being started again.
    await this.#program?.[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const main = join(REPOSITORY, "apps/recorder/main.ts");
    const { logFile } = this;
    this.#program = await startProgram(
      "the recorder",
      process.execPath,
      [main, "--config", this.#configFile],
      {
        logFile,
        onLine: (line) => this.#noteError(line),
      },
    );
  }

  async #supervise(): Promise<void> {
    while (!this.#isStopping) {
      const program = this.#program;
      if (program === null) return;
      const { code } = await program.ended;
      if (this.#isStopping) return;
      if (!this.#killed.has(program)) {
        this.unwantedEnds.push({ at: Date.now(), code, tail: program.tail() });
        await sleep(RESTART_AFTER_FAULT_MS);
      }
      await this.#run();
    }
  }

  async #registerWebhook(): Promise<void> {
    const { dynamics } = loadConfig(this.#configFile);
    if (dynamics === undefined) throw new DeskreelError("BAD_CONFIG", `${this.#configFile} has no Dynamics`);
    await setUpDynamics({
      dynamics,
      webhookUrl: this.url,
      webhookKey: await this.token("webhookKey"),
      clock: new WallClock(),
      print: () => {},
      signal: this.#signal,
    });
  }

  #noteError(line: string): void {
    if (!/"level":[56]0/.test(line)) return;
    this.errorCount += 1;
    if (this.errors.length < ERRORS_KEPT) this.errors.push(line);
  }
}
