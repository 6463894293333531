import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { bitRateOf } from "../../speech/encode-audio.ts";
import { SAMPLE_RATE } from "../../speech/pcm.ts";
import { DataverseStore } from "../dataverse/dataverse-store.ts";
import type { WebhookSender } from "../webhooks/webhook-sender.ts";
import type { AudioPart } from "./audio-part.ts";
import type { CallCentre } from "./call-centre.ts";
import { CallRows } from "./call-rows.ts";
import type { CallScript, ScriptedAgent, ScriptedConversation } from "./call-script.ts";
import type { CallStep } from "./call-step.ts";
import {
  audioAvailableAt,
  type CallState,
  type PlacedCall,
  type PlayedPart,
  type PlayedStep,
  type WebhookCounts,
} from "./placed-call.ts";
import { conversationsOf, playInto, stepsInOrder } from "./play-into.ts";
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
  readonly centre: CallCentre;
  readonly clock: Clock;
  readonly webhooks: Pick<WebhookSender, "posts">;
  readonly log: Log;
}

/**
 * Plays a script in real time: rows and recordings. Returns once the call's sound is prepared.
 *
 * @param startAt - the instant of the script's 0; null = now. In the past: everything due is done at once.
 * @param signal - ends the call where it is.
 * @throws CallScriptError for steps that cannot happen.
 */
export async function placeCall(
  stage: CallStage,
  script: CallScript,
  startAt: EpochMs | null,
  signal: AbortSignal,
): Promise<PlacedCall> {
  rehearse(script);
  const conversations = await Promise.all(
    conversationsOf(script).map(async ({ afterMs, conversation }) => ({
      afterMs,
      conversation,
      sounds: await Promise.all(conversation.audio.map((part) => prepareSound(part, signal))),
    })),
  );
  // Whole ms, so that each part begins at a whole sample of its own and its metadata says exactly when.
  const zero = Math.round(startAt ?? stage.clock.now());
  const players = conversations.map(({ afterMs, conversation, sounds }) => {
    const player = new CallPlayer(stage, conversation, script.agents, zero + afterMs);
    return { player, sounds };
  });
  const beside = players.slice(1).map(({ player }) => player.id);
  const [call, ...others] = players.map(({ player, sounds }, index) => {
    const finished = player.play(sounds, signal);
    // Who does not wait for the end finds the failure in the state and in the log.
    finished.catch(() => undefined);
    return {
      callSessionId: player.id,
      startedAt: player.startedAt,
      beside: [] as PlacedCall[],
      state: () => player.state(index === 0 ? beside : []),
      finished,
    };
  });
  if (call === undefined) throw new TypeError("a script has a conversation of its own");
  return { ...call, beside: others };
}

/** Plays the script beforehand, so that a step that cannot happen is found before the call rings. */
function rehearse(script: CallScript): void {
  const clock = { at: 0, now: () => clock.at };
  playInto(new DataverseStore(clock), script, 0, (at) => {
    clock.at = at;
  });
}

class CallPlayer {
  readonly id: string;
  readonly startedAt: EpochMs;
  readonly #stage: CallStage;
  readonly #script: ScriptedConversation;
  readonly #agents: Readonly<Record<string, ScriptedAgent>>;
  readonly #log: Log;
  readonly #steps: PlayedStep[] = [];
  readonly #parts: PlayedPart[];
  #rows: CallRows | null = null;
  #phase: CallState["phase"] = "playing";
  #error: string | null = null;

  constructor(
    stage: CallStage,
    script: ScriptedConversation,
    agents: Readonly<Record<string, ScriptedAgent>>,
    startedAt: EpochMs,
  ) {
    this.id = stage.centre.newId();
    this.#stage = stage;
    this.#script = script;
    this.#agents = agents;
    this.#log = stage.log.child({ callSessionId: this.id });
    this.startedAt = startedAt;
    this.#parts = script.audio.map((part) => ({
      recordingId: null,
      startsAt: startedAt + part.startMs,
      endsAt: startedAt + part.startMs + part.durationMs,
      availableAt: null,
    }));
  }

  state(beside: readonly string[] = []): CallState {
    return {
      callSessionId: this.id,
      startedAt: this.startedAt,
      phase: this.#phase,
      error: this.#error,
      steps: [...this.#steps],
      expected: [...(this.#rows?.truth.events ?? [])],
      webhooks: this.#countWebhooks(),
      parts: [...this.#parts],
      audioAvailableAt: audioAvailableAt(this.#parts),
      beside,
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
      this.#log.info({ steps: this.#steps.length, parts: this.#parts.length }, "call finished");
      return this.state();
    }
    const cause: unknown = outer.aborted ? outer.reason : failure.signal.reason;
    this.#phase = "failed";
    this.#error = describeError(cause);
    if (!outer.aborted) this.#log.error({ err: cause }, "call failed");
    throw new DeskreelError("CALL_NOT_PLAYED", `call ${this.id} was not played to its end`, { cause });
  }

  async #playConversation(signal: AbortSignal): Promise<void> {
    const { centre, clock } = this.#stage;
    await sleepUntil(clock, this.startedAt, signal);
    const rows = new CallRows(centre, this.#script, this.#agents, this.id, this.startedAt);
    this.#rows = rows;
    for (const step of stepsInOrder(this.#script)) {
      const at = this.startedAt + step.atMs;
      await sleepUntil(clock, at, signal);
      rows.apply(step, at);
      const played = { do: step.do, agent: this.#agentOf(step), at };
      this.#steps.push(played);
      this.#log.info({ step: played.do, agent: played.agent }, "step played");
    }
  }

  #agentOf(step: CallStep): string | null {
    return "agent" in step ? (this.#agents[step.agent]?.upn ?? null) : null;
  }

  #countWebhooks(): WebhookCounts {
    const outcomes = this.#stage.webhooks
      .posts()
      .filter(({ rowId }) => this.#rows?.ids.has(rowId) === true)
      .map(({ outcome }) => outcome);
    const count = (...wanted: typeof outcomes) => outcomes.filter((one) => wanted.includes(one)).length;
    return {
      delivered: count("delivered"),
      failed: count("failed", "stopped"),
      lost: count("lost"),
      underWay: count(null),
    };
  }

  async #playPart(index: number, render: RenderSound, signal: AbortSignal): Promise<void> {
    const { centre, clock } = this.#stage;
    const [part, played] = [this.#script.audio[index], this.#parts[index]];
    if (part === undefined || played === undefined) return;
    await sleepUntil(clock, played.endsAt, signal);
    const [bytes, earlyId] = await Promise.all([
      render(played.startsAt, signal),
      part.rowAfterMs === undefined ? null : this.#addRow(index, played, part.rowAfterMs, signal),
      sleepUntil(clock, played.endsAt + part.availableAfterMs, signal),
    ]);
    const recordingId = earlyId ?? insertRecording(centre.store, this.id, recordingName(index));
    const metadata = part.metadata ? this.#metadataOf(part, index, played.startsAt) : null;
    attachRecording(centre.store, recordingId, { format: part.format, bytes }, metadata);
    this.#parts[index] = { ...played, recordingId, availableAt: Math.round(clock.now()) };
    this.#log.info({ recordingId, bytes: bytes.length }, "recording available");
  }

  async #addRow(index: number, played: PlayedPart, afterMs: number, signal: AbortSignal): Promise<string> {
    await sleepUntil(this.#stage.clock, played.endsAt + afterMs, signal);
    const recordingId = insertRecording(this.#stage.centre.store, this.id, recordingName(index));
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
      agents: Object.values(this.#agents).map((agent) => agent.entraId),
    });
  }
}

function recordingName(index: number): string {
  return `Recording ${index + 1}`;
}
