import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Express } from "express";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { listenHttp } from "#shared/http/listen.ts";
import type { Recording } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { AgentDirectory } from "../agents/agent-directory.ts";
import { PauseControl } from "../agents/pause-control.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import type {
  CaptureControl,
  CaptureEnd,
  CaptureOrder,
  CapturePauses,
  CaptureView,
  DesktopView,
  MediaServer,
} from "../capture/ports.ts";
import type { FilesState } from "../control/buffer-check.ts";
import type { LookUpEvidence } from "../control/evidence.ts";
import { RecordingControl } from "../control/recording-control.ts";
import { DynamicsEvents, type DynamicsEventsOptions } from "../dynamics/dynamics-events.ts";
import { createApi } from "../http/api.ts";
import { createMetrics, type RecorderMetrics } from "../http/metrics.ts";
import { createOps } from "../http/ops.ts";
import { DesktopRegistry } from "../trust/desktop-registry.ts";
import { EnrolmentTokens } from "../trust/enrolment-tokens.ts";
import { recoverSegments } from "../scn/recovery/recover-buffer.ts";
import { eventually } from "./eventually.ts";

export const TOKENS = {
  integration: "integration-token-0001",
  admin: "admin-token-0000000001",
  adapter: "adapter-token-00000001",
  webhookKey: "webhook-key-0000000001",
  enrollment: "enrollment-token-00001",
};

/** A clock that stands still until it is set forward, or told to run. */
class TestClock implements Clock {
  #now = Date.UTC(2026, 2, 2, 10, 0, 0);
  #isRunning = false;
  now(): number {
    return this.#isRunning ? Date.now() : this.#now;
  }
  /** From now on it goes with the machine's. */
  run(): void {
    this.#isRunning = true;
  }
  advance(seconds: number): void {
    this.#now += seconds * 1_000;
  }
}

/** The capture side as the lifecycle sees it: remembers what it was asked, and ends at once unless told to wait. */
class CaptureLog implements CaptureControl, CapturePauses {
  /** Agents that are not to be captured. */
  readonly paused = new Set<string>();
  readonly orders: CaptureOrder[] = [];
  readonly ends: { recordingId: string; how: CaptureEnd }[] = [];
  /** Ends resolve only when this does. */
  hold: Promise<void> = Promise.resolve();

  start(order: CaptureOrder): void {
    this.orders.push(order);
  }

  async end(recordingId: string, how: CaptureEnd): Promise<void> {
    this.ends.push({ recordingId, how });
    await this.hold;
  }

  pause(agent: string): void {
    this.paused.add(agent);
  }

  resume(agent: string): void {
    this.paused.delete(agent);
  }

  /** Recordings that are captured now. */
  get running(): string[] {
    const ended = new Map<string, number>();
    for (const { recordingId } of this.ends) ended.set(recordingId, (ended.get(recordingId) ?? 0) + 1);
    return [...new Set(this.orders.map((order) => order.recordingId))].filter((id) => !ended.has(id));
  }
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** The recorder's control side on a real disk, with real SQLite and HTTP, and a capture side that only listens. */
export class TestRecorder implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly capture = new CaptureLog();
  readonly desktops: { agent: string; desktops: DesktopView[] }[] = [];
  /** What comes in now, by recording. */
  readonly captures = new Map<string, CaptureView>();
  readonly folder: string;
  mediaFault: MediaServer["fault"] = null;
  aliasFault: string | null = null;
  spaceAlarm: string | null = null;
  filesState: FilesState = { isAlarm: false, detail: null };
  /** What the next start asks about unanswered rings; null: no Dynamics. */
  lookUpEvidence: LookUpEvidence | null = null;
  /** The Dynamics that the next start follows; null: none. */
  dynamics: DynamicsEventsOptions["config"] | null = null;
  /** What the next start does with a second device of an agent. */
  secondDevice: RecorderConfig["desktops"]["secondDevice"] = "alarm";
  #config: RecorderConfig;
  #parts: AsyncDisposableStack | null = null;
  #buffer: CallBuffer | null = null;
  #metrics: RecorderMetrics | null = null;
  #names: AgentDirectory | null = null;
  #registry: DesktopRegistry | null = null;
  #eventCount = 0;
  /** Its two express apps: the API and the ops listener. */
  apps: Express[] = [];
  url = "";
  opsUrl = "";

  private constructor(folder: string, lifecycle: Partial<RecorderConfig["lifecycle"]>) {
    this.folder = folder;
    const config = loadConfig(undefined, {}, folder).recorder;
    this.#config = { ...config, lifecycle: { ...config.lifecycle, discardGraceS: 0.05, ...lifecycle } };
  }

  static async open(lifecycle: Partial<RecorderConfig["lifecycle"]> = {}): Promise<TestRecorder> {
    const recorder = new TestRecorder(await mkdtemp(join(tmpdir(), "deskreel-recorder-")), lifecycle);
    await recorder.start();
    return recorder;
  }

  /** Changes settings for the next start. */
  configure(changes: {
    lifecycle?: Partial<RecorderConfig["lifecycle"]>;
    policy?: Partial<RecorderConfig["policy"]>;
  }): void {
    const { lifecycle, policy } = this.#config;
    this.#config = {
      ...this.#config,
      lifecycle: { ...lifecycle, ...changes.lifecycle },
      policy: { ...policy, ...changes.policy },
    };
  }

  get buffer(): CallBuffer {
    if (this.#buffer === null) throw new Error("the test recorder is stopped");
    return this.#buffer;
  }

  get names(): AgentDirectory {
    if (this.#names === null) throw new Error("the test recorder is stopped");
    return this.#names;
  }

  get registry(): DesktopRegistry {
    if (this.#registry === null) throw new Error("the test recorder is stopped");
    return this.#registry;
  }

  get metrics(): RecorderMetrics {
    if (this.#metrics === null) throw new Error("the test recorder is stopped");
    return this.#metrics;
  }

  async start(): Promise<void> {
    await using opening = new AsyncDisposableStack();
    const { clock, capture } = this;
    const log = silentLog();
    const buffer = opening.use(await openCallBuffer(this.folder));
    await recoverSegments(buffer, log);
    const metrics = createMetrics(buffer);
    const { lifecycle, policy } = this.#config;
    const { lookUpEvidence } = this;
    const parts = { buffer, capture, clock, log, lifecycle, policy, lookUpEvidence };
    const names = opening.use(new AgentDirectory({ buffer, clock, log }));
    const { maxPauseS } = lifecycle;
    const pauses = opening.use(new PauseControl({ buffer, capture, names, clock, log, maxPauseS }));
    const control = opening.use(new RecordingControl(parts));
    control.resume();
    const events =
      this.dynamics === null
        ? null
        : opening.use(this.#follow(this.dynamics, { buffer, control, names, metrics, clock, log }));
    events?.start();
    const directory = {
      agents: () => this.desktops,
      captureOf: (recordingId: string) => this.captures.get(recordingId) ?? null,
    };
    const space = {
      facts: { freeBytes: 5_000, freeFiles: null, bufferBytes: 10 },
      limits: { reserveBytes: 1_000, quotaBytes: null },
      alarm: this.spaceAlarm,
    };
    const enrolmentTokens = new EnrolmentTokens({ buffer, siteToken: TOKENS.enrollment, clock, log });
    const registry = opening.use(
      new DesktopRegistry({
        ...{ buffer, tokens: enrolmentTokens, secondDevice: this.secondDevice, clock, log },
        onMerged: (listener) => names.onMerged(listener),
      }),
    );
    const trust = { registry, enrolmentTokens };
    const shared = { buffer, metrics, allowedHosts: ["recorder.test"], log };
    const access = { tokens: TOKENS, webhook: events };
    const api = createApi({
      ...shared,
      ...access,
      ...trust,
      control,
      directory,
      space,
      names,
      pauses,
      clock,
      keeping: clock,
    });
    const ops = createOps({
      ...shared,
      mediaFault: () => this.mediaFault,
      aliasFault: () => this.aliasFault,
      spaceAlarm: () => this.spaceAlarm,
      filesState: () => this.filesState,
      dynamicsChecks: () => events?.checks() ?? [],
    });
    this.apps = [api, ops];
    const anyPort = { host: "127.0.0.1", port: 0 };
    this.url = opening.use(await listenHttp("recorder", anyPort, api)).url;
    this.opsUrl = opening.use(await listenHttp("ops", anyPort, ops)).url;
    this.#buffer = buffer;
    this.#metrics = metrics;
    this.#names = names;
    this.#registry = registry;
    this.#parts = opening.move();
  }

  #follow(
    config: DynamicsEventsOptions["config"],
    parts: Omit<DynamicsEventsOptions, "config" | "client">,
  ): DynamicsEvents {
    return new DynamicsEvents({ ...parts, config, client: new DataverseClient(config, parts.clock) });
  }

  async stop(): Promise<void> {
    await this.#parts?.disposeAsync();
    this.#parts = null;
    this.#buffer = null;
    this.#metrics = null;
    this.#names = null;
    this.#registry = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An event of now, of agent `ann` and session `s1`, unless told otherwise. */
  event(type: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
    this.#eventCount += 1;
    const at = formatInstant(this.clock.now());
    return { id: `e${this.#eventCount}`, type, at, agent: "ann", callSessionId: "s1", ...changes };
  }

  async call<Body>(
    token: keyof typeof TOKENS | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(token !== null && { Authorization: `Bearer ${TOKENS[token]}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
    };
  }

  post<Body>(events: unknown): Promise<Answer<Body>> {
    return this.call("integration", "POST", "/v1/call-events", events);
  }

  /** An event that happens now, `seconds` after the last one. */
  async happens(type: string, seconds = 0, changes: Record<string, unknown> = {}): Promise<void> {
    this.clock.advance(seconds);
    const { status } = await this.post(this.event(type, changes));
    if (status !== 202) throw new Error(`${type} was answered ${status}`);
  }

  /** Adds a sealed segment with its file, as the capture side does. */
  async addSegment(recordingId: string, startedAt: EpochMs, durationMs: DurationMs): Promise<void> {
    const { capture } = this.buffer;
    const size = { width: 1_920, height: 1_080 };
    const track = { recordingId, desktop: "PC", display: "1", codec: "vp9" as const, openedAt: startedAt };
    const { trackId, nextSegment, previousSha256 } = capture.openTrack({ ...track, ...size });
    const id = String(nextSegment).padStart(6, "0");
    const folder = join(this.folder, recordingId, trackId);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${id}.scn`), "picture");
    const facts = { ...size, frames: 5, bytes: 7, sha256: id.padStart(64, "0"), previousSha256 };
    capture.addSegment(recordingId, trackId, { id, startedAt, durationMs, ...facts });
  }

  /** All that the catalogue has on the disk; to be read while it is stopped. */
  async catalogueBytes(): Promise<Buffer> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith("catalog.db"));
    return Buffer.concat(await Promise.all(names.map((name) => readFile(join(this.folder, name)))));
  }

  /** The recordings that have files, on the disk itself. */
  async folders(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  /** The only recording there is. */
  async onlyRecording(): Promise<Recording> {
    const [only, ...others] = await this.recordings();
    if (only === undefined || others.length > 0)
      throw new Error(`there are ${others.length + (only === undefined ? 0 : 1)} recordings, not one`);
    return only;
  }

  /** The only recording, as soon as it is in this phase. */
  async untilPhase(phase: Recording["phase"]): Promise<Recording> {
    return eventually(async () => {
      const recording = await this.onlyRecording();
      if (recording.phase !== phase) throw new Error(`it is ${recording.phase}, not ${phase}`);
      return recording;
    });
  }

  async recordings(query = ""): Promise<Recording[]> {
    const answer = await this.call<{ items: Recording[] }>("admin", "GET", `/v1/recordings${query}`);
    return answer.body.items;
  }
}
