import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { CapturePolicy, DesktopFigures, Display } from "#shared/protocol/messages.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import {
  type AgentSession,
  advance,
  NEW_SESSION,
  type OfflineReason,
  runningRecordings,
  type SessionEffect,
  type SessionEvent,
} from "../domain/agent-session.ts";
import { bestOffsetMs, type OffsetSample, offsetSample, withSample } from "../domain/clock-offset.ts";
import { hiddenReason } from "../domain/presence.ts";
import { reconnectDelayMs } from "../domain/reconnect-schedule.ts";
import { wantedDisplays } from "../domain/wanted-displays.ts";
import type { PageAnswer } from "../ipc-contract.ts";
import { authenticate } from "./authenticate.ts";
import type { DesktopKey } from "./desktop-key.ts";
import { type NetworkState, pauseOnNetwork } from "./network-pause.ts";
import { offlineReason } from "./offline-reason.ts";
import type {
  BudgetWatch,
  DesktopIdentity,
  Dial,
  DisplaySource,
  RecorderRequest,
  RecorderSignalling,
  ScreenCapture,
  SessionListener,
  SessionPresence,
} from "./ports.ts";
import { type Command, RecorderConnection, type Reply } from "./recorder-connection.ts";

/** A recorder that leaves a ping unanswered for this long is lost. */
const SILENT_AFTER_MS = 3_000;
/** A recorder that has refused something closes the connection at once. */
const CLOSES_WITHIN_MS = 1_000;

/** How often the recorder hears what the app takes of its PC. */
const FIGURES_EVERY_MS: DurationMs = 10_000;

export interface DesktopAgentOptions {
  budgets: BudgetWatch;
  identity: DesktopIdentity;
  key: DesktopKey;
  dial: Dial;
  networkState: NetworkState;
  displays: DisplaySource;
  presence: SessionPresence;
  clock: SteadyClock;
  log: Log;
  onSession: SessionListener;
}

/** Keeps the connection to the recorder and does what it commands, whatever happens in between. */
export class DesktopAgent implements RecorderSignalling {
  readonly #options: DesktopAgentOptions;
  readonly #log: Log;
  #session: AgentSession = NEW_SESSION;
  #capture: ScreenCapture | null = null;
  #connection: RecorderConnection | null = null;
  /** The same once the recorder has welcomed this desktop: it takes nothing before that, and hangs up on who asks. */
  #recorder: RecorderConnection | null = null;
  #policy: CapturePolicy | null = null;
  /** What the last connection began with. */
  #welcome: Reply<"hello"> | null = null;
  /** By steady time: ours may be set while a call runs. */
  #offsets: OffsetSample[] = [];
  #leaseTimer: NodeJS.Timeout | undefined;
  #figuresToldAt = Number.NEGATIVE_INFINITY;
  #isAsleep = false;
  /** It was asleep, and the recorder was not heard since. */
  #hasSlept = false;
  /** The next connection is to be made at once. */
  #isInHurry = false;
  /** Aborted, it ends the wait for the next connection. */
  #waiting: AbortController | null = null;

  constructor(options: DesktopAgentOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Connects, and connects again, until the signal aborts; then stops capturing and says goodbye. */
  async run(capture: ScreenCapture, signal: AbortSignal): Promise<void> {
    this.#capture = capture;
    const { displays, presence } = this.#options;
    const watches = [
      displays.onChange(() => this.#displaysChanged()),
      presence.onChange(() => this.#presenceChanged()),
    ];
    const hangUp = () => this.#connection?.close();
    signal.addEventListener("abort", hangUp);
    try {
      while (!signal.aborted) {
        const network = this.#options.networkState();
        this.#advance({ type: "connecting" });
        const reason = await this.#converse(capture, signal);
        if (signal.aborted) break;
        this.#apply(this.#advance({ type: "link-lost", reason }));
        await this.#pause(reason, network, signal);
      }
    } finally {
      signal.removeEventListener("abort", hangUp);
      for (const stopWatching of watches) stopWatching();
      this.#apply(this.#advance({ type: "stop" }));
    }
  }

  /** The capture page is gone, and with it every stream and transport: the recorder is to know why. */
  captureLost(message: string): void {
    const { capture, hidden } = this.#session;
    if (capture.phase !== "recording" || hidden !== null) return;
    for (const display of this.#wantedDisplays()) {
      this.#recorder
        ?.request({ t: "capture-failed", display, reason: "desktop-error", message: message.slice(0, 1_000) })
        .catch((error: unknown) => this.#log.warn({ reason: describeError(error) }, "loss not told"));
    }
  }

  /** The capture page is there again, as new. Without a connection the next one prepares it. */
  captureReturned(): void {
    const capture = this.#capture;
    if (capture === null || this.#welcome === null || this.#session.link.phase !== "online") return;
    this.#prepare(capture, this.#welcome, false);
    this.#recapture();
  }

  /** Tells the recorder that it ends for an update and comes back, so that a call that goes on has that gap. */
  async leaveForUpdate(): Promise<void> {
    try {
      await this.#recorder?.request({ t: "leave", reason: "update" }, SILENT_AFTER_MS);
    } catch (error) {
      this.#log.warn({ reason: describeError(error) }, "leave not told");
    }
  }

  async ask<Request extends RecorderRequest>(request: Request): Promise<PageAnswer<Request["t"]>> {
    const connection = this.#recorder;
    if (connection === null)
      throw new DeskreelError("NOT_CONNECTED", "there is no connection to the recorder");
    const { id: _id, t: _t, ...answer } = await connection.request(request);
    return (Object.keys(answer).length > 0 ? answer : undefined) as PageAnswer<Request["t"]>;
  }

  /** One connection from its first to its last message. */
  async #converse(capture: ScreenCapture, signal: AbortSignal): Promise<OfflineReason> {
    const { identity } = this.#options;
    const connection = new RecorderConnection(
      identity.serverUrl,
      this.#options.dial,
      (command) => this.#obey(command),
      this.#log,
    );
    this.#connection = connection;
    let heartbeat: NodeJS.Timeout | undefined;
    let cutOff: NodeJS.Timeout | undefined;
    let isUnknown = false;
    try {
      await connection.opened();
      await authenticate(connection, identity, this.#options.key);
      const welcome = await this.#introduce(connection, capture);
      heartbeat = setInterval(() => void this.#beat(connection), welcome.heartbeatMs);
      await this.#beat(connection);
    } catch (error) {
      if (!signal.aborted) this.#log.warn({ reason: describeError(error) }, "connecting failed");
      isUnknown = error instanceof DeskreelError && error.code === "NO_TOKEN";
      // A recorder that refuses says by its close code what to do.
      cutOff = setTimeout(() => connection.terminate(), isUnknown ? 0 : CLOSES_WITHIN_MS);
    }
    if (signal.aborted) connection.close();
    const end = await connection.closed;
    clearInterval(heartbeat);
    clearTimeout(cutOff);
    this.#connection = null;
    this.#recorder = null;
    const why = isUnknown ? "unauthorized" : offlineReason(end);
    this.#log.info({ code: end.code, reason: end.reason, why }, "connection ended");
    return why;
  }

  async #introduce(connection: RecorderConnection, capture: ScreenCapture): Promise<Reply<"hello">> {
    const { agent, device, osUser, appVersion } = this.#options.identity;
    // Chromium closes what WebRTC there is when the computer goes to sleep.
    const transportId = this.#hasSlept ? null : (capture.status?.transportId ?? null);
    const { clock } = this.#options;
    const sentAt = clock.steady();
    const displays = this.#options.displays.displays();
    const welcome = await connection.request({
      t: "hello",
      agent,
      device,
      osUser,
      appVersion,
      displays,
      recordings: runningRecordings(this.#session),
      transportId,
    });
    this.#recorder = connection;
    this.#offsets = [offsetSample(sentAt, welcome.serverTime, clock.steady())];
    this.#policy = welcome.policy;
    this.#options.budgets.setPolicy(welcome.policy);
    this.#welcome = welcome;
    this.#hasSlept = false;
    if (this.#leaseMs() === 0) this.#endLease();
    // The page may have died since the hello.
    const isHeld = transportId !== null && capture.status?.transportId === transportId;
    const resumed = isHeld && welcome.transportId === transportId;
    this.#log.info({ resumed, device }, "recorder connected");
    this.#prepare(capture, welcome, resumed);
    this.#notePresence();
    this.#advance({ type: "welcomed" });
    connection.takeCommands();
    // A change while the recorder was making its answer was told to nobody.
    if (!isDeepStrictEqual(displays, this.#options.displays.displays())) this.#displaysChanged();
    return welcome;
  }

  #prepare(
    capture: ScreenCapture,
    { routerRtpCapabilities, policy }: Reply<"hello">,
    resumed: boolean,
  ): void {
    capture
      .prepare({ policy: this.#policy ?? policy, routerRtpCapabilities, resumed })
      .catch((error: unknown) => this.#log.error({ err: error }, "capture could not be prepared"));
  }

  async #beat(connection: RecorderConnection): Promise<void> {
    const { clock } = this.#options;
    const sentAt = clock.steady();
    try {
      const figures = this.#dueFigures(sentAt);
      const pong = await connection.request(
        { t: "ping", sentAt: clock.wallAt(sentAt), ...(figures !== null && { figures }) },
        SILENT_AFTER_MS,
      );
      const sample = offsetSample(sentAt, pong.serverTime, clock.steady());
      this.#offsets = withSample(this.#offsets, sample);
      this.#advance({ type: "lease-renewed", stopNoLaterThan: pong.stopNoLaterThan });
    } catch (error) {
      if (this.#connection !== connection) return;
      this.#log.warn({ reason: describeError(error) }, "recorder does not answer");
      connection.terminate();
    }
  }

  /** What is to be told with this heartbeat. */
  #dueFigures(now: number): DesktopFigures | null {
    const { figures } = this.#options.budgets;
    if (figures === null || now - this.#figuresToldAt < FIGURES_EVERY_MS) return null;
    this.#figuresToldAt = now;
    return figures;
  }

  /** Carries a command out; rejects when the screen could not be let go of. */
  async #obey(command: Command): Promise<void> {
    if (command.t === "stop") {
      await this.#setCapture(this.#advance({ type: "stop" }));
      return;
    }
    if (command.t === "policy") {
      this.#setPolicy(command.policy);
      return;
    }
    const { calls, paused, stopNoLaterThan } = command;
    // Acknowledged when it is under way: a display that cannot be captured is reported by itself.
    this.#apply(this.#advance({ type: "start", calls, paused, stopNoLaterThan }));
  }

  /** Acknowledged when it is under way. */
  #setPolicy(policy: CapturePolicy): void {
    this.#policy = policy;
    this.#options.budgets.setPolicy(policy);
    this.#log.info({ policy }, "policy changed");
    this.#capture
      ?.setPolicy(policy)
      .catch((error: unknown) => this.#log.error({ err: error }, "policy could not be applied"));
    this.#notePresence();
    this.#recapture();
  }

  /** Takes the step; what follows from it is the caller's to do. */
  #advance(event: SessionEvent): SessionEffect[] {
    const before = this.#session;
    const [session, ...effects] = advance(before, event);
    this.#session = session;
    this.#setLease();
    this.#options.presence.watch(session.capture.phase !== "idle");
    if (session.link.phase !== before.link.phase || session.capture.phase !== before.capture.phase) {
      this.#log.info({ link: session.link.phase, capture: session.capture.phase }, "session changed");
    }
    this.#options.onSession(session);
    return effects;
  }

  #apply(effects: SessionEffect[]): void {
    this.#setCapture(effects).catch((error: unknown) =>
      this.#log.error({ err: error }, "capture did not follow"),
    );
  }

  async #setCapture(effects: SessionEffect[]): Promise<void> {
    const { hidden } = this.#session;
    for (const effect of effects) {
      const wanted = this.#wantedDisplays();
      await this.#capture?.capture(
        effect === "begin-capture" ? wanted : [],
        effect === "hide-capture" && hidden !== null ? { displays: wanted, reason: hidden } : null,
      );
    }
  }

  #wantedDisplays(): Display[] {
    return wantedDisplays(this.#options.displays.displays(), this.#policy?.monitors ?? "all");
  }

  /** A recorder that is gone must leave no screen running: capture ends by itself when its lease does. */
  #setLease(): void {
    clearTimeout(this.#leaseTimer);
    const remainingMs = this.#leaseMs();
    if (remainingMs !== null) this.#leaseTimer = setTimeout(() => this.#endLease(), remainingMs);
  }

  /** How long the capture may go on; null without one. */
  #leaseMs(): DurationMs | null {
    const { capture } = this.#session;
    if (capture.phase === "idle") return null;
    const endsAt = capture.stopNoLaterThan - bestOffsetMs(this.#offsets);
    // setTimeout() takes at most 2^31 - 1 ms and fires at once beyond; a lease is renewed long before.
    return Math.min(Math.max(endsAt - this.#options.clock.steady(), 0), 2 ** 31 - 1);
  }

  #endLease(): void {
    this.#log.warn("recorder did not renew the capture in time");
    this.#apply(this.#advance({ type: "lease-ended" }));
  }

  #displaysChanged(): void {
    const displays = this.#options.displays.displays();
    this.#recorder
      ?.request({ t: "displays", displays })
      .catch((error: unknown) => this.#log.warn({ reason: describeError(error) }, "displays not told"));
    this.#recapture();
  }

  /** Captures what is to be captured now, if anything. */
  #recapture(): void {
    const { capture, hidden } = this.#session;
    if (capture.phase === "recording" && hidden === null) this.#apply(["begin-capture"]);
  }

  #presenceChanged(): void {
    const { isAsleep } = this.#options.presence.presence();
    const hasWoken = this.#isAsleep && !isAsleep;
    this.#isAsleep = isAsleep;
    this.#hasSlept ||= isAsleep;
    this.#notePresence();
    if (!hasWoken) return;
    // Whatever connection there was is gone at the other end, and nobody is to wait for that to be noticed.
    this.#isInHurry = true;
    this.#waiting?.abort();
    this.#connection?.terminate();
  }

  #notePresence(): void {
    const presence = this.#options.presence.presence();
    // Whether there is still a call, and for how long, only the recorder knows after a sleep.
    const isAsleep = presence.isAsleep || this.#hasSlept;
    const hidden = hiddenReason({ ...presence, isAsleep }, this.#policy?.whenLocked);
    if (hidden !== this.#session.hidden) this.#log.info({ hidden }, "presence of the session noted");
    this.#apply(this.#advance({ type: "hidden", hidden }));
  }

  /** @param network - its state when the attempt that failed began. */
  async #pause(reason: OfflineReason, network: string, signal: AbortSignal): Promise<void> {
    const { link, capture } = this.#session;
    const attempt = link.phase === "offline" ? link.attempt : 1;
    const delayMs = reconnectDelayMs(attempt, reason, capture.phase !== "idle", Math.random());
    this.#waiting = new AbortController();
    if (!this.#isInHurry) {
      this.#log.info({ attempt, delayMs: Math.round(delayMs) }, "waiting to connect again");
      const either = AbortSignal.any([signal, this.#waiting.signal]);
      if (await pauseOnNetwork(delayMs, network, this.#options.networkState, either)) {
        this.#log.info("network has changed, connecting at once");
        this.#advance({ type: "network-changed" });
        // A whole floor's computers may have got their network back in the same instant.
        const briefMs = reconnectDelayMs(1, "unreachable", true, Math.random());
        await sleep(briefMs, undefined, { signal: either }).catch(() => {});
      }
    }
    this.#isInHurry = false;
  }
}
