import { join } from "node:path";
import type { Recording, Segment, Track } from "#shared/api/recording.ts";
import type { DesktopFigures, Display } from "#shared/protocol/messages.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { getJson } from "./events.ts";
import { type Program, startProgram } from "./program.ts";
import { setCapture } from "./set-capture.ts";
import type { Site } from "./site.ts";

/** An agent as `GET /v1/agents` shows it. */
export interface SeenAgent {
  agent: string;
  pause: { since: string; endsBy: string; reason: string; by: string } | null;
  desktops: { device: string; state: string; displays: Display[]; figures: DesktopFigures | null }[];
}

/** A sealed segment of a recording and its file in the call buffer. */
export interface SegmentFile {
  track: Track;
  segment: Segment;
  file: string;
}

/** A site's recorder: what its API says, and its process, which can be ended and started again. */
export class Recorder implements AsyncDisposable {
  readonly #site: Site;
  #program: Program;

  constructor(site: Site) {
    this.#site = site;
    this.#program = site.recorder;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** What it is configured with, as it would read it now. */
  get config(): ReturnType<typeof loadConfig>["recorder"] {
    return loadConfig(this.#site.configFile).recorder;
  }

  /** Asks as the administrator. @throws Error with status and body when the answer is not a success. */
  get<Body>(path: string): Promise<Body> {
    return getJson<Body>(this.#site.recorderUrl + path, this.#site.tokens.admin);
  }

  /** Asks as the administrator; any status is an answer. */
  ask(method: string, path: string): Promise<Response> {
    const { recorderUrl, tokens } = this.#site;
    return fetch(recorderUrl + path, { method, headers: { authorization: `Bearer ${tokens.admin}` } });
  }

  async agents(): Promise<SeenAgent[]> {
    return (await this.get<{ items: SeenAgent[] }>("/v1/agents")).items;
  }

  /** What Prometheus reads. */
  async metrics(): Promise<string> {
    return (await fetch(`${this.#site.recorderOpsUrl}/metrics`)).text();
  }

  /** Pauses an agent's recordings, as an integration does. */
  pause(agent: string, reason: string): Promise<SeenAgent> {
    return this.#order(agent, "pause", { reason });
  }

  resume(agent: string): Promise<SeenAgent> {
    return this.#order(agent, "resume", {});
  }

  /** Changes keys of `recorder.capture` while it runs. */
  setCapture(changes: Record<string, unknown>): Promise<void> {
    return setCapture(this.#site, changes, this.pid);
  }

  files(recording: Recording): SegmentFile[] {
    const folder = join(this.#site.bufferDir, recording.id);
    return recording.tracks.flatMap((track) =>
      track.segments.map((segment) => ({
        track,
        segment,
        file: join(folder, track.id, `${segment.id}.scn`),
      })),
    );
  }

  /** The last lines that it wrote. */
  tail(): string {
    return this.#program.tail();
  }

  /** Ends it in order, or as a crash would (SIGKILL). */
  stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Program["ended"] {
    process.kill(this.pid, signal);
    return this.#program.ended;
  }

  /** Starts it again after its end; it is not waited for. */
  async start(configFile = this.#site.configFile): Promise<void> {
    const main = join(REPOSITORY, "apps/recorder/main.ts");
    this.#program = await startProgram("the recorder", process.execPath, [main, "--config", configFile], {
      logFile: join(this.#site.folder, "logs/recorder.log"),
    });
  }

  /** The site ends the process that it has started, this one the later ones. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#program !== this.#site.recorder) await this.#program[Symbol.asyncDispose]();
  }

  async #order(agent: string, what: "pause" | "resume", body: object): Promise<SeenAgent> {
    const { recorderUrl, tokens } = this.#site;
    const response = await fetch(`${recorderUrl}/v1/agents/${encodeURIComponent(agent)}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens.integration}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${what} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as SeenAgent;
  }
}

/** A track's coverage in words: for each stretch why there is nothing, or else its state. */
export function statesOf({ coverage }: Pick<Track, "coverage">): string[] {
  return coverage.map(({ state, reason }) => reason ?? state);
}
