import { randomUUID } from "node:crypto";
import type { CallEventType } from "#shared/api/call-event.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { bitRateOf } from "../../speech/encode-audio.ts";
import { SAMPLE_RATE } from "../../speech/pcm.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { CallRows } from "./call-rows.ts";
import type { AudioPart, CallScript, ScriptedEvent } from "./call-script.ts";
import type { EventOutcome, OutgoingEvent, SendEvent } from "./event-sender.ts";
import { prepareSound, type RenderSound } from "./prepare-sound.ts";
import { attachRecording, insertRecording, recordingMetadata } from "./recording-rows.ts";
import { sleepUntil } from "./sleep-until.ts";

/** A scripted event and what became of it; `not-sent` = the simulator has no recorder to post to. */
export interface PlayedEvent {
  readonly id: string;
  readonly type: CallEventType;
  readonly agent: string;
  readonly at: EpochMs;
  readonly outcome: EventOutcome | "not-sent" | null;
}

/** An audio part: when its first and its last sample were, and since when its file is at Dynamics (null = not yet). */
export interface PlayedPart {
  readonly recordingId: string | null;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly availableAt: EpochMs | null;
}

/** A call at a moment, as `GET /simulator/calls/{id}` answers it; all times are epoch ms. */
export interface CallState {
  readonly callSessionId: string;
  readonly startedAt: EpochMs;
  readonly phase: "playing" | "finished" | "failed";
  readonly error: string | null;
  readonly events: readonly PlayedEvent[];
  readonly parts: readonly PlayedPart[];
  /** When the last audio part became available; null while one is missing, or when the script has none. */
  readonly audioAvailableAt: EpochMs | null;
}

/** A call that was placed. */
export interface PlacedCall {
  readonly callSessionId: string;
  /** The instant of the script's 0. */
  readonly startedAt: EpochMs;
  state(): CallState;
  /** The whole script is played, every event answered and every part available; rejects when it cannot be. */
  readonly finished: Promise<CallState>;
}

/** What calls are played with. */
export interface CallStage {
  readonly store: DataverseStore;
  readonly clock: Clock;
  readonly send: SendEvent | null;
  readonly log: Log;
}

/**
 * Plays a script in real time: rows, call events, recordings. Returns once the call's sound is prepared.
 *
 * @param startAt - the instant of the script's 0; null = now. In the past: everything due is done at once.
 * @param signal - ends the call where it is.
 */
export async function placeCall(
  stage: CallStage,
  script: CallScript,
  startAt: EpochMs | null,
  signal: AbortSignal,
): Promise<PlacedCall> {
  const sounds = await Promise.all(script.audio.map((part) => prepareSound(part, signal)));
  const call = new PlayedCall(stage, script, Math.round(startAt ?? stage.clock.now()));
  const finished = call.play(sounds, signal);
  // Who does not wait for the end reads the failure in the state and in the log.
  finished.catch(() => undefined);
  return {
    callSessionId: call.callSessionId,
    startedAt: call.startedAt,
    state: () => call.state(),
    finished,
  };
}

class PlayedCall {
  readonly callSessionId = randomUUID();
  readonly startedAt: EpochMs;
  readonly #stage: CallStage;
  readonly #script: CallScript;
  readonly #events: PlayedEvent[] = [];
  readonly #parts: PlayedPart[];
  #phase: CallState["phase"] = "playing";
  #error: string | null = null;

  constructor(stage: CallStage, script: CallScript, startedAt: EpochMs) {
    this.#stage = stage;
    this.#script = script;
    this.startedAt = startedAt;
    this.#parts = script.audio.map((part) => ({
      recordingId: null,
      startsAt: startedAt + part.startMs,
      endsAt: startedAt + part.startMs + part.durationMs,
      availableAt: null,
    }));
  }

  state(): CallState {
    const available = this.#parts.map((part) => part.availableAt ?? Number.POSITIVE_INFINITY);
    const last = Math.max(...available);
    return {
      callSessionId: this.callSessionId,
      startedAt: this.startedAt,
      phase: this.#phase,
      error: this.#error,
      events: [...this.#events],
      parts: [...this.#parts],
      audioAvailableAt: Number.isFinite(last) ? last : null,
    };
  }

  async play(sounds: readonly RenderSound[], outer: AbortSignal): Promise<CallState> {
    const failure = new AbortController();
    const signal = AbortSignal.any([outer, failure.signal]);
    const log = this.#stage.log.child({ callSessionId: this.callSessionId });
    try {
      const tasks = [
        this.#playConversation(signal),
        ...this.#script.audio.map((part, index) => this.#playPart(part, index, sounds[index], signal)),
      ];
      await Promise.all(tasks.map((task) => task.catch((error: unknown) => failAll(failure, error))));
      this.#phase = "finished";
      log.info({ events: this.#events.length, parts: this.#parts.length }, "call finished");
      return this.state();
    } catch (cause) {
      this.#phase = "failed";
      this.#error = describeError(cause);
      if (!outer.aborted) log.error({ err: cause }, "call failed");
      throw new DeskreelError("CALL_NOT_PLAYED", `call ${this.callSessionId} was not played to its end`, {
        cause,
      });
    }
  }

  /** Rows are written at once; posts go out one after the other, so that a slow recorder gets them in order. */
  async #playConversation(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#stage;
    await sleepUntil(clock, this.startedAt, signal);
    const rows = new CallRows(store, this.#script, this.callSessionId, this.startedAt);
    const events = this.#script.events.toSorted((left, right) => left.atMs - right.atMs);
    const customerLeavesMs = this.#script.customerLeavesMs ?? events.at(-1)?.atMs ?? 0;
    let posts = Promise.resolve();
    const playEvents = async () => {
      for (const [index, event] of events.entries()) {
        await sleepUntil(clock, this.startedAt + event.atMs, signal);
        rows.apply(event, this.startedAt + event.atMs);
        const outgoing = this.#outgoing(event, index);
        this.#events.push({ ...withoutSession(outgoing), at: this.startedAt + event.atMs, outcome: null });
        posts = posts.then(() => this.#post(outgoing, index, signal));
      }
    };
    const playCustomer = async () => {
      await sleepUntil(clock, this.startedAt + customerLeavesMs, signal);
      // One turn later, so that an agent's event of the same instant is first.
      await sleepUntil(clock, clock.now() + 1, signal);
      rows.customerLeaves(this.startedAt + customerLeavesMs);
    };
    await Promise.all([playEvents(), playCustomer()]);
    await posts;
  }

  async #post(event: OutgoingEvent, index: number, signal: AbortSignal): Promise<void> {
    const outcome = this.#stage.send === null ? "not-sent" : await this.#stage.send(event, signal);
    const played = this.#events[index];
    if (played !== undefined) this.#events[index] = { ...played, outcome };
    this.#stage.log.info(
      { callSessionId: this.callSessionId, type: event.type, outcome },
      "call event played",
    );
  }

  #outgoing(event: ScriptedEvent, index: number): OutgoingEvent {
    const agent = this.#script.agents[event.agent];
    const { direction, customer, queue } = this.#script;
    const introduces = event.type === "ringing" || event.type === "connected";
    return {
      id: `${this.callSessionId}-${index + 1}`,
      type: event.type,
      at: formatInstant(this.startedAt + event.atMs),
      agent: agent?.upn ?? event.agent,
      callSessionId: this.callSessionId,
      ...(introduces
        ? { attributes: { direction, customer, queue, agentName: agent?.name ?? event.agent } }
        : {}),
    };
  }

  async #playPart(
    part: AudioPart,
    index: number,
    render: RenderSound | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock } = this.#stage;
    const played = this.#parts[index];
    if (played === undefined || render === undefined) return;
    await sleepUntil(clock, played.endsAt, signal);
    let recordingId: string | null = null;
    const insertRow = () => {
      recordingId ??= insertRecording(store, this.callSessionId, `Recording ${index + 1}`);
      this.#parts[index] = { ...played, recordingId };
      return recordingId;
    };
    const insertEarly = async (rowAfterMs: number) => {
      await sleepUntil(clock, played.endsAt + rowAfterMs, signal);
      insertRow();
    };
    const [bytes] = await Promise.all([
      render(played.startsAt, signal),
      sleepUntil(clock, played.endsAt + part.availableAfterMs, signal),
      part.rowAfterMs === undefined ? null : insertEarly(part.rowAfterMs),
    ]);
    const metadata = part.metadata ? this.#metadataOf(part, index, played.startsAt) : null;
    attachRecording(store, insertRow(), { format: part.format, bytes }, metadata);
    this.#parts[index] = { ...played, recordingId, availableAt: Math.round(clock.now()) };
    this.#stage.log.info(
      { callSessionId: this.callSessionId, recordingId, bytes: bytes.length },
      "recording available",
    );
  }

  #metadataOf(part: AudioPart, index: number, startsAt: EpochMs) {
    return recordingMetadata({
      callId: this.callSessionId,
      index,
      startsAt,
      durationMs: part.durationMs,
      format: part.format,
      sampleRate: SAMPLE_RATE,
      bitRate: bitRateOf(part.format),
      agents: Object.values(this.#script.agents).map((agent) => agent.entraId),
    });
  }
}

/** Ends the other tasks of the call, and passes on why. */
function failAll(failure: AbortController, error: unknown): never {
  failure.abort(error);
  throw error;
}

function withoutSession({ id, type, agent }: OutgoingEvent) {
  return { id, type, agent };
}
