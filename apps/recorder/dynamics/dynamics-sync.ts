import { setImmediate as nextTurn } from "node:timers/promises";
import type { CallEventsAnswer } from "#shared/api/call-event.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentNames } from "../agents/agent-names.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import { isStorageError } from "../call-buffer/database.ts";
import type { Touched, TouchedKind } from "../call-buffer/dynamics-rows.ts";
import type { ReceivedEvent } from "../call-buffer/event-store.ts";
import type { WebhookPost } from "../call-buffer/webhook-posts.ts";
import type { RecordingControl } from "../control/recording-control.ts";
import type { MappingSettings } from "../domain/dynamics/mapping-settings.ts";
import { isVoice } from "../domain/dynamics/offers.ts";
import type { RowState } from "../domain/dynamics/row-state.ts";
import { ChangeReader, NARROW_OVERLAP_MS } from "./change-reader.ts";
import { EventDerivation } from "./event-derivation.ts";
import { KnowledgeReader } from "./knowledge.ts";
import { Mirror, type ShownRow } from "./mirror.ts";
import { ReferenceReader } from "./reference-reader.ts";
import { readRemoteContext, type RemoteContext, WebhookError } from "./remote-context.ts";
import type { RowKind } from "./row-schemas.ts";
import type { RowSource } from "./row-source.ts";

/** The very first pass looks this far back, beside what is open. */
const FIRST_LOOK_BACK_MS: DurationMs = 3_600_000;
/** Rows of conversations that have been closed for longer are deleted. */
const KEEP_ROWS_MS: DurationMs = 72 * 3_600_000;
/**
 * What a read shows is complete up to this long before it: times are cut to seconds, and rows that belong together are
 * written one after the other.
 */
const SETTLE_MS: DurationMs = 2_000;
/** Rows that are merged in one transaction, and conversations that are judged in one: media waits meanwhile. */
const ROWS_AT_ONCE = 100;
const JUDGED_AT_ONCE = 20;
/** Conversations that are read whole at once: as many ids as one query takes. */
export const READ_AT_ONCE = 40;

/** Names of marks in the catalogue. */
const WATERMARK = "watermark";
const ORIGIN = "origin";

/** What led to events. */
export type EventOrigin = "webhook" | "pass" | "refresh";

/** What has become of a post, and what only complete knowledge can tell now. */
export type PostOutcome =
  | { state: "mapped"; conversations: readonly string[]; agents: readonly string[] }
  | { state: "refused"; reason: string };

export interface DynamicsSyncOptions {
  buffer: Pick<CallBuffer, "posts" | "dynamics" | "commit">;
  control: Pick<RecordingControl, "takeEvents">;
  source: RowSource;
  names: AgentNames;
  settings: MappingSettings;
  clock: Clock;
  log: Log;
  onTaken?: (answer: CallEventsAnswer, origin: EventOrigin) => void;
  /** Something could not be judged by a fault of ours, and is tried again with the next pass. */
  onFault?: () => void;
}

/**
 * Brings Dynamics' rows into the mirror and what follows from them into the lifecycle. It waits for nothing but reads and
 * commits: when to do what, and when to try again after an error, is its callers'. Everything may be done again, and may
 * end anywhere: what is not finished stays noted in the catalogue.
 */
export class DynamicsSync {
  readonly #options: DynamicsSyncOptions;
  readonly #mirror: Mirror;
  readonly #knowledge: KnowledgeReader;
  readonly #derivation: EventDerivation;
  readonly #references: ReferenceReader;
  readonly #changes: ChangeReader;

  constructor(options: DynamicsSyncOptions) {
    const rows = options.buffer.dynamics;
    const mirror = new Mirror(rows);
    const knowledge = new KnowledgeReader(rows, mirror);
    this.#options = options;
    this.#mirror = mirror;
    this.#knowledge = knowledge;
    this.#derivation = new EventDerivation({ ...options, rows, mirror, knowledge });
    this.#references = new ReferenceReader({ ...options, rows, mirror, knowledge });
    this.#changes = new ChangeReader({
      marks: rows,
      clock: options.clock,
      read: (...selection) => this.#read(...selection),
    });
  }

  /**
   * Maps a stored post: reads what it lacks, then mirror, events and the post's state change as one.
   *
   * Rejects with DataverseError when something has to be read and cannot be, or with a storage error; the post waits on.
   */
  async takePost(post: WebhookPost, signal: AbortSignal): Promise<PostOutcome> {
    const context = readContext(post);
    if (typeof context === "string") return this.#refuse(post, context);
    if (context.kind === "other") {
      return this.#refuse(post, `${context.message} of ${context.table} is nothing for the recorder`);
    }
    const shown = await this.#readShown(context, signal);
    if (shown.length === 0) return this.#refuse(post, `${context.table} ${context.id} is not there any more`);
    shown.unshift(...(await this.#references.readFor(shown, signal)));
    const { buffer, control, clock } = this.#options;
    const wanted = { conversations: new Set<string>(), agents: new Set<string>() };
    const answer = await control.takeEvents(() => {
      for (const row of shown) this.#mirror.merge(row, clock.now());
      buffer.posts.settle(post.id, "mapped");
      const { conversationId = null, userId = null } = buffer.dynamics.find(context.table, context.id) ?? {};
      if (conversationId !== null) {
        if (this.#isVoice(conversationId)) wanted.conversations.add(conversationId);
        return this.#deriveNow(conversationId).map((one) => knownBy(one, post, clock.now()));
      }
      const isPresence = context.table === "agent-status" || context.table === "agent-status-history";
      if (isPresence && userId !== null && this.#knowledge.isInACall(userId)) wanted.agents.add(userId);
      return [];
    }, post.receivedAt);
    this.#options.onTaken?.(answer, "webhook");
    return { state: "mapped", conversations: [...wanted.conversations], agents: [...wanted.agents] };
  }

  /**
   * One pass: reads all that has changed since the last one, and judges what it touched. The first pass ever reads what
   * is open, and what changed in the last hour.
   *
   * Rejects with DataverseError or a storage error; then the next pass begins where this one did.
   */
  async reconcile(signal: AbortSignal): Promise<void> {
    const { dynamics } = this.#options.buffer;
    const watermark = dynamics.mark(WATERMARK);
    const readAt = watermark === null ? await this.#begin(signal) : await this.#follow(watermark, signal);
    await this.#judgeTouched(readAt - SETTLE_MS);
    dynamics.advanceMark(WATERMARK, readAt);
  }

  /**
   * Reads conversations whole and judges them, those that are not judged yet; at most {@link READ_AT_ONCE}.
   *
   * @returns those in which something happened that this read came too early for.
   */
  async refreshConversations(ids: readonly string[], signal: AbortSignal): Promise<string[]> {
    const touched = this.#touchedOf("conversation", ids);
    if (touched.length === 0) return [];
    const asOf = (await this.#readWhole(touched, signal)) - SETTLE_MS;
    await this.#readReferences(signal);
    await this.#judgeConversations(touched, asOf, "refresh");
    return this.#touchedOf("conversation", touched, asOf);
  }

  /**
   * Reads what has changed for agents since the last pass and judges their presence. Before the first pass there is
   * nothing to go by, and the pass will judge.
   *
   * @returns as {@link refreshConversations}.
   */
  async refreshAgents(ids: readonly string[], signal: AbortSignal): Promise<string[]> {
    const { dynamics } = this.#options.buffer;
    const watermark = dynamics.mark(WATERMARK);
    const touched = this.#touchedOf("agent", ids);
    if (touched.length === 0 || watermark === null) return [];
    const selection = { changedSince: watermark - NARROW_OVERLAP_MS, ofAgents: touched };
    const history = await this.#read("agent-status-history", selection, signal);
    await this.#read("participant", selection, signal);
    await this.#readReferences(signal);
    const conversations = touched.flatMap((id) =>
      dynamics
        .participationsOf(id, Number.POSITIVE_INFINITY)
        .flatMap(({ conversationId }) => conversationId ?? []),
    );
    if (conversations.length > 0) {
      await this.#read("conversation", { ids: [...new Set(conversations)] }, signal);
    }
    const asOf = history.readAt - SETTLE_MS;
    await this.#judgeAgents(touched, asOf, "refresh");
    return this.#touchedOf("agent", touched, asOf);
  }

  /** Rows of conversations that were closed before are needed no longer; by Dynamics' clock. */
  get keepRowsFrom(): EpochMs {
    const { buffer, clock } = this.#options;
    return (buffer.dynamics.mark(WATERMARK) ?? clock.now()) - KEEP_ROWS_MS;
  }

  /** Conversations that were closed before are none of ours, or not any more; by Dynamics' clock. */
  get #horizon(): EpochMs {
    const { buffer, clock } = this.#options;
    const origin = buffer.dynamics.mark(ORIGIN) ?? clock.now() - FIRST_LOOK_BACK_MS;
    return Math.max(origin, this.keepRowsFrom);
  }

  async #refuse(post: WebhookPost, reason: string): Promise<PostOutcome> {
    const { buffer, log } = this.#options;
    await buffer.commit(() => buffer.posts.settle(post.id, "refused", reason));
    log.warn({ postId: post.id, reason }, "webhook post refused");
    return { state: "refused", reason };
  }

  /** The row that a post is about: as it shows it, and as it is when that is not enough. Empty: it is gone. */
  async #readShown(context: RemoteContext & { kind: "row" }, signal: AbortSignal): Promise<ShownRow[]> {
    const { table: kind, id, state } = context;
    const posted = state === null ? [] : [{ kind, state }];
    if (posted.some((row) => this.#mirror.canPlace(row))) return posted;
    const { rows } = await this.#options.source.read(kind, { ids: [id] }, signal);
    // The row first: with it, what the post shows can be placed.
    return [...rows.map((row) => ({ kind, state: row })), ...posted];
  }

  #isVoice(conversationId: string): boolean {
    const { conversation, sessions } = this.#knowledge.ofConversation(conversationId, null);
    return isVoice(conversation, sessions, this.#options.settings);
  }

  #deriveNow(conversationId: string): ReceivedEvent[] {
    return this.#derivation.ofConversation(conversationId, null, this.#horizon).events;
  }

  /** @returns as of when all is read. */
  async #begin(signal: AbortSignal): Promise<EpochMs> {
    const { dynamics } = this.#options.buffer;
    const open = await this.#read("conversation", { isOpen: true }, signal);
    if (dynamics.mark(ORIGIN) === null) dynamics.advanceMark(ORIGIN, open.readAt - FIRST_LOOK_BACK_MS);
    await this.#changes.readSince(dynamics.mark(ORIGIN) ?? open.readAt, signal);
    await this.#readReferences(signal);
    // Of those that have changed, only what has changed is read so far.
    const ids: string[] = [];
    for (const [index, { id }] of dynamics.touched("conversation").entries()) {
      if (this.#isVoice(id)) ids.push(id);
      if (index % JUDGED_AT_ONCE === 0) await nextTurn();
    }
    for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
      await this.#readWhole(ids.slice(start, start + READ_AT_ONCE), signal);
    }
    await this.#readReferences(signal);
    return open.readAt;
  }

  async #follow(watermark: EpochMs, signal: AbortSignal): Promise<EpochMs> {
    const readAt = await this.#changes.follow(watermark, signal);
    await this.#readReferences(signal);
    return readAt;
  }

  async #readWhole(conversationIds: readonly string[], signal: AbortSignal): Promise<EpochMs> {
    const sessions = await this.#read("session", { ofConversations: conversationIds }, signal);
    const ofSessions = sessions.rows.map(({ id }) => id);
    if (ofSessions.length > 0) {
      await this.#read("participant", { ofSessions }, signal);
      await this.#read("participant-event", { ofSessions }, signal);
    }
    await this.#merge(await this.#references.readPhoneContexts(conversationIds, signal));
    await this.#read("conversation", { ids: conversationIds }, signal);
    return sessions.readAt;
  }

  async #readReferences(signal: AbortSignal): Promise<void> {
    for await (const shown of this.#references.readForTouched(signal)) await this.#merge(shown);
  }

  async #read(
    kind: RowKind,
    selection: Parameters<RowSource["read"]>[1],
    signal: AbortSignal,
  ): Promise<{ rows: readonly RowState[]; readAt: EpochMs }> {
    const read = await this.#options.source.read(kind, selection, signal);
    await this.#merge(read.rows.map((state) => ({ kind, state })));
    return read;
  }

  async #merge(shown: readonly ShownRow[]): Promise<void> {
    const { buffer, clock } = this.#options;
    for (let start = 0; start < shown.length; start += ROWS_AT_ONCE) {
      await buffer.commit(() => {
        for (const row of shown.slice(start, start + ROWS_AT_ONCE)) this.#mirror.merge(row, clock.now());
      });
    }
  }

  async #judgeTouched(asOf: EpochMs): Promise<void> {
    const { dynamics } = this.#options.buffer;
    // Presence first, for it ends captures.
    await this.#judgeAgents(
      dynamics.touched("agent").map(({ id }) => id),
      asOf,
      "pass",
    );
    await this.#judgeConversations(
      dynamics.touched("conversation").map(({ id }) => id),
      asOf,
      "pass",
    );
  }

  #judgeConversations(ids: readonly string[], asOf: EpochMs, origin: EventOrigin): Promise<void> {
    const { settings } = this.#options;
    return this.#judge("conversation", ids, origin, ({ id }) => {
      const { events, isOurs } = this.#derivation.ofConversation(id, asOf, this.#horizon);
      // A hold is settled only when the other signal of it would have shown.
      return { events, judgedUntil: isOurs ? asOf - settings.holdMatchMs : Number.POSITIVE_INFINITY };
    });
  }

  #judgeAgents(ids: readonly string[], asOf: EpochMs, origin: EventOrigin): Promise<void> {
    return this.#judge("agent", ids, origin, (touched) => ({
      events: this.#derivation.ofAgent(touched, asOf),
      judgedUntil: asOf,
    }));
  }

  async #judge(
    kind: TouchedKind,
    ids: readonly string[],
    origin: EventOrigin,
    judge: (touched: Touched) => { events: ReceivedEvent[]; judgedUntil: EpochMs },
  ): Promise<void> {
    const { buffer, control, clock, onTaken } = this.#options;
    for (let start = 0; start < ids.length; start += JUDGED_AT_ONCE) {
      const answer = await control.takeEvents(
        () =>
          ids.slice(start, start + JUDGED_AT_ONCE).flatMap((id) => {
            const touched = buffer.dynamics.findTouched(kind, id);
            if (touched === null) return [];
            const judged = this.#orNothing(kind, id, () => judge(touched));
            if (judged === null) return [];
            buffer.dynamics.noteJudged(kind, id, judged.judgedUntil);
            return judged.events;
          }),
        clock.now(),
      );
      onTaken?.(answer, origin);
    }
  }

  /** One that cannot be judged, by a fault of ours, must not keep all the others from it. */
  #orNothing<Result>(kind: TouchedKind, id: string, judge: () => Result): Result | null {
    try {
      return judge();
    } catch (error) {
      if (isStorageError(error)) throw error;
      this.#options.log.error({ err: error, kind, id }, "cannot be mapped, to be tried again");
      this.#options.onFault?.();
      return null;
    }
  }

  /** Those among them that are touched, later than that. */
  #touchedOf(kind: TouchedKind, ids: readonly string[], later = Number.NEGATIVE_INFINITY): string[] {
    const { dynamics } = this.#options.buffer;
    return ids.filter((id) => (dynamics.findTouched(kind, id)?.lastAt ?? Number.NEGATIVE_INFINITY) > later);
  }
}

/** A post that waited, or for which rows were read, brings to light what happened only after it came in. */
function knownBy(received: ReceivedEvent, post: WebhookPost, now: EpochMs): ReceivedEvent {
  return received.event.at > post.receivedAt ? { ...received, receivedAt: now } : received;
}

/** @returns a text: why the post is refused. */
function readContext({ body, headers }: WebhookPost): RemoteContext | string {
  try {
    return readRemoteContext(JSON.parse(body), headers);
  } catch (error) {
    if (error instanceof WebhookError || error instanceof SyntaxError) return describeError(error);
    throw error;
  }
}
