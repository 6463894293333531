import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { readToken } from "#shared/runtime/tokens-file.ts";
import { RECORDER_TOKEN } from "../../../apps/adapter/rig/fake-recorder.ts";
import { REPOSITORY } from "../../../build/repository.ts";
import { freePort } from "../../rig/ports.ts";
import { type Program, startProgram } from "../../rig/program.ts";
import { waitFor } from "../../rig/wait.ts";

const READY_WITHIN_MS = 60_000;

/** Where a soaked adapter gets what it stitches. */
export interface Sources {
  recorderUrl: string;
  dynamics: { url: string; tenantId: string; clientId: string; clientSecret: string };
}

/** An adapter process that is started and killed by the soak; disposing stops it in good order. */
export class KilledAdapter implements AsyncDisposable {
  readonly folder: string;
  readonly archive: string;
  readonly url: string;
  readonly logFile: string;
  readonly #opsUrl: string;
  #program: Program | null = null;
  /** What it logged as not done, by the error's text; each is tried again. */
  readonly failures: string[] = [];
  /** How many versions it said were readable. */
  readable = 0;

  private constructor(folder: string, archive: string, ports: { http: number; ops: number }) {
    this.folder = folder;
    this.archive = archive;
    this.url = `http://127.0.0.1:${ports.http}`;
    this.#opsUrl = `http://127.0.0.1:${ports.ops}`;
    this.logFile = join(folder, "adapter.log");
  }

  /** Prepares its folder; it does not run yet. */
  static async prepare(folder: string, archive: string, sources: Sources): Promise<KilledAdapter> {
    const [http, ops] = [await freePort(), await freePort()];
    const { url, tenantId, clientId, clientSecret } = sources.dynamics;
    await writeFile(join(folder, "recorder-tokens.json"), JSON.stringify({ adapter: RECORDER_TOKEN }));
    await writeFile(join(folder, "dynamics-secret"), `${clientSecret}\n`);
    const config = {
      adapter: {
        ...{ http: { port: http }, ops: { port: ops }, dataDir: "./adapter" },
        tokensFile: "./adapter-tokens.json",
        recorders: [{ url: sources.recorderUrl, tokenFile: "./recorder-tokens.json" }],
        archive: { url: `file:${archive}` },
        stitch: { readyAfterS: 0.2, audioSettleS: 0 },
      },
      dynamics: {
        ...{ url, authority: url, tenantId, clientId, clientSecretFile: "./dynamics-secret" },
        recordingsPollEveryS: 0.2,
      },
    };
    await writeFile(join(folder, "deskreel.yaml"), stringify(config), { mode: 0o600 });
    return new KilledAdapter(folder, archive, { http, ops });
  }

  async start(): Promise<void> {
    const args = [join(REPOSITORY, "apps/adapter/main.ts"), "--config", join(this.folder, "deskreel.yaml")];
    this.#program = await startProgram("the adapter", process.execPath, args, {
      logFile: this.logFile,
      onLine: (line) => this.#read(line),
    });
  }

  /** Kills it as a crash would. */
  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  /** Kills one ffmpeg of its own as soon as there is one; false when there was none for so long. */
  async killFfmpeg(withinMs: number, signal: AbortSignal): Promise<boolean> {
    const endAt = performance.now() + withinMs;
    while (performance.now() < endAt) {
      signal.throwIfAborted();
      for (const pid of await ffmpegsOf(this.#program?.pid ?? 0)) {
        try {
          process.kill(pid, "SIGKILL");
          return true;
        } catch {
          // It has ended meanwhile; another may be there.
        }
      }
    }
    return false;
  }

  /** Ffmpegs of an adapter that is dead, by their scratch folder; they should have ended with it. */
  async leftOver(): Promise<number[]> {
    const found: number[] = [];
    for (const pid of await ffmpegs()) {
      const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (args.includes(this.folder)) found.push(pid);
    }
    return found;
  }

  /** Resolves when it answers that it is ready. */
  async ready(signal: AbortSignal): Promise<void> {
    const program = this.#program;
    let hasEnded = false;
    void program?.ended.then(() => (hasEnded = true));
    const ask = async () => {
      if (hasEnded) throw new Error(`it has ended by itself:\n${program?.tail()}`);
      return (await fetch(`${this.#opsUrl}/readyz`)).ok;
    };
    await waitFor("the adapter to be ready", ask, { withinMs: READY_WITHIN_MS, signal });
  }

  viewerToken(): Promise<string> {
    return readToken(join(this.folder, "adapter-tokens.json"), "viewer");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }

  #read(line: string): void {
    if (line.includes('"interaction readable"')) this.readable += 1;
    if (!line.includes('"interaction not archived"')) return;
    const { err } = JSON.parse(line) as { err?: { message?: string } };
    this.failures.push(err?.message ?? line);
  }
}

async function ffmpegs(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found: number[] = [];
  for (const pid of pids) {
    const program = await readlink(`/proc/${pid}/exe`).catch(() => "");
    if (program.endsWith("/ffmpeg")) found.push(pid);
  }
  return found;
}

async function ffmpegsOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await ffmpegs()) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (new RegExp(`^PPid:\\t${parent}$`, "m").test(status)) found.push(pid);
  }
  return found;
}
