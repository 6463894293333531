import { randomUUID } from "node:crypto";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { bitRateOf } from "../../speech/encode-audio.ts";
import { SAMPLE_RATE } from "../../speech/pcm.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { CallRows } from "./call-rows.ts";
import type { AudioPart, CallScript, ScriptedEvent } from "./call-script.ts";
import { callSteps, outgoingEvent } from "./call-steps.ts";
import type { OutgoingEvent, SendEvent } from "./event-sender.ts";
import {
  audioAvailableAt,
  type CallState,
  type PlacedCall,
  type PlayedEvent,
  type PlayedPart,
} from "./placed-call.ts";
import { prepareSound, type RenderSound } from "./prepare-sound.ts";
import {
  attachRecording,
  insertRecording,
  type RecordingMetadata,
  recordingMetadata,
} from "./recording-rows.ts";
import { sleepUntil } from "./sleep-until.ts";

/** What calls are played with. */
export interface CallStage {
  readonly store: DataverseStore;
  readonly clock: Clock;
  /** Null = call events are not posted. */
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
  // Whole ms, so that each part begins at a whole sample of its own and its metadata says exactly when.
  const player = new CallPlayer(stage, script, Math.round(startAt ?? stage.clock.now()));
  const finished = player.play(sounds, signal);
  // Who does not wait for the end finds the failure in the state and in the log.
  finished.catch(() => undefined);
  return {
    callSessionId: player.id,
    startedAt: player.startedAt,
    state: () => player.state(),
    finished,
  };
}

class CallPlayer {
  readonly id = randomUUID();
  readonly startedAt: EpochMs;
  readonly #stage: CallStage;
  readonly #script: CallScript;
  readonly #log: Log;
  readonly #events: PlayedEvent[] = [];
  readonly #parts: PlayedPart[];
  #phase: CallState["phase"] = "playing";
  #error: string | null = null;

  constructor(stage: CallStage, script: CallScript, startedAt: EpochMs) {
    this.#stage = stage;
    this.#script = script;
    this.#log = stage.log.child({ callSessionId: this.id });
    this.startedAt = startedAt;
    this.#parts = script.audio.map((part) => ({
      recordingId: null,
      startsAt: startedAt + part.startMs,
      endsAt: startedAt + part.startMs + part.durationMs,
      availableAt: null,
    }));
  }

  state(): CallState {
    return {
      callSessionId: this.id,
      startedAt: this.startedAt,
      phase: this.#phase,
      error: this.#error,
      events: [...this.#events],
      parts: [...this.#parts],
      audioAvailableAt: audioAvailableAt(this.#parts),
    };
  }

  /** Settles only when nothing of the call is running any more. */
  async play(sounds: readonly RenderSound[], outer: AbortSignal): Promise<CallState> {
    const failure = new AbortController();
    const signal = AbortSignal.any([outer, failure.signal]);
    const tasks = [
      this.#playConversation(signal),
      ...sounds.map((render, index) => this.#playPart(index, render, signal)),
    ];
    await Promise.all(tasks.map((task) => task.catch((error: unknown) => failure.abort(error))));
    if (!signal.aborted) {
      this.#phase = "finished";
      this.#log.info({ events: this.#events.length, parts: this.#parts.length }, "call finished");
      return this.state();
    }
    const cause: unknown = outer.aborted ? outer.reason : failure.signal.reason;
    this.#phase = "failed";
    this.#error = describeError(cause);
    if (!outer.aborted) this.#log.error({ err: cause }, "call failed");
    throw new DeskreelError("CALL_NOT_PLAYED", `call ${this.id} was not played to its end`, { cause });
  }

  /** Rows are written at once; posts go out one after the other, so that a slow recorder gets them in order. */
  async #playConversation(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#stage;
    let posts = Promise.resolve();
    try {
      await sleepUntil(clock, this.startedAt, signal);
      const rows = new CallRows(store, this.#script, this.id, this.startedAt);
      for (const { atMs, event } of callSteps(this.#script)) {
        const at = this.startedAt + atMs;
        await sleepUntil(clock, at, signal);
        if (event === null) rows.customerLeaves(at);
        else {
          rows.apply(event, at);
          const post = this.#recordEvent(event, at, signal);
          posts = posts.then(post);
        }
      }
    } finally {
      await posts;
    }
  }

  #recordEvent(event: ScriptedEvent, at: EpochMs, signal: AbortSignal): () => Promise<void> {
    const index = this.#events.length;
    const outgoing = outgoingEvent(this.#script, event, this, index + 1);
    const played = { id: outgoing.id, type: event.type, agent: outgoing.agent, at };
    this.#events.push({ ...played, outcome: null });
    return async () => {
      const outcome = await this.#post(outgoing, signal);
      this.#events[index] = { ...played, outcome };
      this.#log.info({ type: event.type, outcome }, "call event played");
    };
  }

  async #post(event: OutgoingEvent, signal: AbortSignal): Promise<PlayedEvent["outcome"]> {
    return this.#stage.send === null ? "not-sent" : await this.#stage.send(event, signal);
  }

  async #playPart(index: number, render: RenderSound, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#stage;
    const [part, played] = [this.#script.audio[index], this.#parts[index]];
    if (part === undefined || played === undefined) return;
    await sleepUntil(clock, played.endsAt, signal);
    const [bytes, earlyId] = await Promise.all([
      render(played.startsAt, signal),
      part.rowAfterMs === undefined ? null : this.#addRow(index, played, part.rowAfterMs, signal),
      sleepUntil(clock, played.endsAt + part.availableAfterMs, signal),
    ]);
    const recordingId = earlyId ?? insertRecording(store, this.id, recordingName(index));
    const metadata = part.metadata ? this.#metadataOf(part, index, played.startsAt) : null;
    attachRecording(store, recordingId, { format: part.format, bytes }, metadata);
    this.#parts[index] = { ...played, recordingId, availableAt: Math.round(clock.now()) };
    this.#log.info({ recordingId, bytes: bytes.length }, "recording available");
  }

  async #addRow(index: number, played: PlayedPart, afterMs: number, signal: AbortSignal): Promise<string> {
    await sleepUntil(this.#stage.clock, played.endsAt + afterMs, signal);
    const recordingId = insertRecording(this.#stage.store, this.id, recordingName(index));
    this.#parts[index] = { ...played, recordingId };
    return recordingId;
  }

  #metadataOf(part: AudioPart, index: number, startsAt: EpochMs): RecordingMetadata {
    return recordingMetadata({
      callId: this.id,
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

function recordingName(index: number): string {
  return `Recording ${index + 1}`;
}
