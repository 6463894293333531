import type { CallEventsAnswer } from "#shared/api/call-event.ts";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { ReceivedEvent } from "../call-buffer/event-store.ts";
import type { LegHead } from "../call-buffer/leg-store.ts";
import type { CaptureControl } from "../capture/ports.ts";
import { KEPT_IS_NOT_DELETED } from "../domain/fold.ts";
import type { Evidence } from "../domain/open-question.ts";
import { DueTimer } from "./due-timer.ts";
import type { LookUpEvidence } from "./evidence.ts";
import { EvidenceAsker } from "./evidence-asker.ts";
import { Lifecycle, mergeSettlements, type Settlement } from "./lifecycle.ts";
import { RecordingFinisher } from "./recording-finisher.ts";

export interface RecordingControlOptions {
  buffer: CallBuffer;
  capture: CaptureControl;
  clock: Clock;
  log: Log;
  lifecycle: RecorderConfig["lifecycle"];
  policy: RecorderConfig["policy"];
  /** Asks Dynamics about unanswered rings; null: there is no Dynamics, so an unanswered end is itself the evidence. */
  lookUpEvidence: LookUpEvidence | null;
}

/**
 * Takes call events and fired guards, has the lifecycle decide in the same transaction, and then has the capture side do
 * it. Nothing is done before it is durable; what was not done when the process ended is done at the next start.
 */
export class RecordingControl implements AsyncDisposable {
  readonly #options: RecordingControlOptions;
  readonly #lifecycle: Lifecycle;
  readonly #finisher: RecordingFinisher;
  readonly #guards: DueTimer;
  readonly #asker: EvidenceAsker | null;
  #isDisposed = false;

  constructor(options: RecordingControlOptions) {
    const { buffer, clock, lookUpEvidence: lookUp } = options;
    this.#options = options;
    const evidence = lookUp === null ? "not-asked" : "asked";
    this.#lifecycle = new Lifecycle(buffer, { ...options, evidence }, clock.now());
    this.#finisher = new RecordingFinisher(options);
    this.#guards = new DueTimer({
      name: "guards",
      clock,
      log: options.log,
      nextAt: () => buffer.legs.nextGuardAt(),
      runDue: (now) => this.#fireGuards(now),
    });
    const conclude = (recordingId: string, evidence: Evidence) => this.#conclude(recordingId, evidence);
    this.#asker =
      lookUp === null
        ? null
        : new EvidenceAsker({ legs: buffer.legs, lookUp, clock, log: options.log, conclude });
  }

  /**
   * Goes on where the last run ended: open recordings are captured on, with the time in between as a gap; ends that were
   * not finished are; what waits for Dynamics' answer is asked about at once.
   */
  resume(): void {
    const { buffer, clock, log } = this.#options;
    const now = clock.now();
    const open = buffer.legs.open();
    for (const leg of open) {
      if (leg.captureOrderedAt !== null)
        buffer.capture.noteRestart(leg.recordingId, leg.captureOrderedAt, now, "recorder-restart");
    }
    this.#noteCutEnds();
    // Settings may have changed, and events been stored that the last run did not get to act on.
    const settlement = buffer.inTransaction(() =>
      mergeSettlements([...open, ...buffer.legs.waiting()].map((leg) => this.#lifecycle.resume(leg, now))),
    );
    if (open.length > 0) log.info({ recordings: open.length }, "recordings go on after a restart");
    for (const leg of open) {
      const effects = settlement.effects.get(leg.recordingId);
      if (leg.captureOrdered && effects === undefined) this.#startCapture(leg.recordingId);
    }
    this.#act(settlement);
    this.#finisher.resume();
  }

  /**
   * Stores events of one request; they are durable and decided upon when it resolves.
   *
   * Rejects with SqliteError when they cannot be stored; then none of them is.
   *
   * @param read - gives the events within their transaction: what it changes in the catalogue besides is stored with them
   *   or not at all.
   */
  async takeEvents(read: () => readonly ReceivedEvent[], receivedAt: EpochMs): Promise<CallEventsAnswer> {
    const { buffer, log } = this.#options;
    const taken = await buffer.commit(() => {
      const received = read();
      const fresh = received.filter((event) => buffer.events.addEvent(event, receivedAt));
      const settlement = this.#settleEvents(fresh, receivedAt);
      return { fresh, settlement, duplicates: received.length - fresh.length };
    });
    const { fresh, settlement, duplicates } = taken;
    const ignored = fresh.flatMap(({ event }) => {
      const reason = settlement.ignored.get(event.id);
      return reason === undefined ? [] : [{ id: event.id, reason }];
    });
    for (const { id, reason } of ignored) {
      if (reason === KEPT_IS_NOT_DELETED) log.warn({ eventId: id, reason }, "event ignored");
    }
    this.#act(settlement);
    return {
      accepted: fresh.length - ignored.length,
      duplicates,
      ignored,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#guards[Symbol.dispose]();
    await this.#asker?.[Symbol.asyncDispose]();
    await this.#finisher[Symbol.asyncDispose]();
  }

  /** Recordings whose files were still being closed when the last run ended: what is in no sealed file is lost. */
  #noteCutEnds(): void {
    const { capture, legs } = this.#options.buffer;
    for (const { recordingId, captureOrderedAt, endedAt } of legs.cut()) {
      if (captureOrderedAt === null || endedAt === null) continue;
      capture.noteRestart(recordingId, captureOrderedAt, endedAt, "recorder-restart");
    }
  }

  #settleEvents(fresh: readonly ReceivedEvent[], receivedAt: EpochMs): Settlement {
    const { legs, strays } = this.#options.buffer;
    const sessionsOfAgent = new Map<string, Set<string>>();
    const orderAt = (one: ReceivedEvent) => Math.min(one.event.at, one.receivedAt ?? receivedAt);
    for (const one of fresh) {
      const { event } = one;
      const sessions = sessionsOfAgent.get(event.agent) ?? new Set();
      sessionsOfAgent.set(event.agent, sessions);
      if (event.callSessionId !== undefined) sessions.add(event.callSessionId);
      else for (const id of legs.sessionsAt(event.agent, orderAt(one))) sessions.add(id);
    }
    const settled = [...sessionsOfAgent].map(([agent, sessions]) =>
      this.#lifecycle.settle(agent, sessions, receivedAt),
    );
    const settlement = mergeSettlements(settled);
    const ignored = new Map(settlement.ignored);
    for (const one of fresh) {
      const { event } = one;
      if (event.callSessionId === undefined) strays.settleAvailability(event.agent, orderAt(one));
      const isAlone = event.callSessionId === undefined && sessionsOfAgent.get(event.agent)?.size === 0;
      if (isAlone) ignored.set(event.id, "the agent has no open recording that this could end");
    }
    return { ...settlement, ignored };
  }

  #fireGuards(now: EpochMs): void {
    const { buffer, log } = this.#options;
    const settlement = buffer.inTransaction(() => {
      const settled = buffer.legs.dueGuards(now).flatMap((due) => {
        const fired = this.#lifecycle.fireGuard(due, now);
        if (fired === null) return [];
        const { recordingId, agent, callSessionId } = due;
        log.warn({ recordingId, agent, callSessionId, guard: fired.kind }, "guard fired");
        return [fired.settlement];
      });
      return mergeSettlements(settled);
    });
    this.#act(settlement);
  }

  async #conclude(recordingId: string, evidence: Evidence): Promise<void> {
    const { buffer, clock, log } = this.#options;
    const settlement = await buffer.commit(() =>
      this.#lifecycle.conclude(recordingId, evidence, clock.now()),
    );
    if (settlement === null) return;
    log.info({ recordingId, evidence }, "Dynamics was asked about a recording");
    this.#act(settlement);
  }

  #act(settlement: Settlement): void {
    for (const [recordingId, effects] of settlement.effects) {
      if (effects.has("finish")) this.#finisher.finish(recordingId);
      if (effects.has("start")) this.#startCapture(recordingId);
      if (effects.has("revise")) this.#options.buffer.notifyLeasable();
    }
    this.#guards.arm();
    this.#asker?.arm();
    this.#finisher.arm();
  }

  #startCapture(recordingId: string): void {
    // An end of the same recording may still be under way, when a late event has brought it back.
    this.#finisher
      .whenIdle(recordingId)
      .then(() => {
        if (this.#isDisposed) return;
        const leg = this.#options.buffer.legs.find(recordingId);
        if (leg !== null && leg.endedAt === null) this.#options.capture.start(this.#orderOf(leg));
      })
      .catch((error: unknown) => {
        this.#options.log.error({ err: error, recordingId }, "capture could not be started");
      });
  }

  #orderOf(leg: LegHead): Parameters<CaptureControl["start"]>[0] {
    const { recordingId, agent, callSessionId, startedAt } = leg;
    return {
      recordingId,
      agent,
      callSessionId,
      startedAt,
      orderedAt: leg.captureOrderedAt ?? startedAt,
      stopNoLaterThan: startedAt + this.#lifecycle.settings.maxRecordingMs,
      attributes: this.#options.buffer.recordings.attributes(recordingId),
    };
  }
}
