import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type AgentNames, systemUserName } from "../agents/agent-names.ts";
import type { DynamicsRows, Touched } from "../call-buffer/dynamics-rows.ts";
import type { ReceivedEvent } from "../call-buffer/event-store.ts";
import { deriveConversationEvents } from "../domain/dynamics/conversation-events.ts";
import type { MappedEvent } from "../domain/dynamics/mapped-event.ts";
import type { MappingSettings } from "../domain/dynamics/mapping-settings.ts";
import { derivePresenceEvents } from "../domain/dynamics/presence-events.ts";
import type { UserRow } from "../domain/dynamics/rows.ts";
import type { KnowledgeReader } from "./knowledge.ts";
import type { Mirror } from "./mirror.ts";

export interface EventDerivationOptions {
  rows: DynamicsRows;
  mirror: Mirror;
  knowledge: KnowledgeReader;
  names: AgentNames;
  settings: MappingSettings;
  log: Log;
}

/** Derives from the mirror the call events that are not stored yet. To be called in the transaction that stores them. */
export class EventDerivation {
  readonly #options: EventDerivationOptions;

  constructor(options: EventDerivationOptions) {
    this.#options = options;
  }

  /**
   * @param completeAsOf - as in ConversationKnowledge.
   * @param horizon - a conversation that was closed before is none of ours: its calls were not ours to record, or their
   *   rows are deleted already.
   */
  ofConversation(
    conversationId: string,
    completeAsOf: EpochMs | null,
    horizon: EpochMs,
  ): { events: ReceivedEvent[]; isOurs: boolean } {
    const { rows, knowledge, settings } = this.#options;
    const known = knowledge.ofConversation(conversationId, completeAsOf);
    const { closedAt = null } = known.conversation ?? {};
    if (closedAt !== null && closedAt < horizon) return { events: [], isOurs: false };
    const mapped = deriveConversationEvents(known, settings);
    const stored = new Set(rows.eventIds(`${conversationId}:`));
    return { events: this.#toReceived(mapped.filter(({ id }) => !stored.has(id))), isOurs: true };
  }

  /** What an agent's presence says, of the changes since it was touched. */
  ofAgent(touched: Touched, completeAsOf: EpochMs): ReceivedEvent[] {
    const { rows, knowledge, settings, log } = this.#options;
    const known = knowledge.ofAgent(touched, completeAsOf);
    const { events, ignored } = derivePresenceEvents(known, settings);
    for (const { at, reason } of ignored)
      if (at >= touched.firstAt) log.info({ userId: touched.id, at, reason }, "presence ignored");
    const first = events.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
    if (events.length === 0) return [];
    // Epoch seconds have ten digits until 2286, so ids sort by time.
    const stored = new Set(rows.eventIds(`${touched.id}:agent-available:`, String(first / 1_000)));
    return this.#toReceived(events.filter(({ id }) => !stored.has(id)));
  }

  #toReceived(mapped: readonly MappedEvent[]): ReceivedEvent[] {
    return mapped.map(({ userId, callSessionId, ...facts }) => {
      const agent = this.#agentOf(userId);
      const attributes = Object.fromEntries(
        Object.entries(facts.attributes).map(([key, value]) => [key, value.slice(0, ATTRIBUTE_VALUE_MAX)]),
      );
      const event = { ...facts, attributes, agent, ...(callSessionId !== null && { callSessionId }) };
      return { event, raw: JSON.stringify({ ...event, userId }) };
    });
  }

  /** The agent that a systemuser is. */
  #agentOf(userId: string): string {
    const { mirror, names } = this.#options;
    return names.learn([...namesOf(mirror.find("user", userId)), systemUserName(userId)], "dynamics");
  }
}

/** Of a call event's attributes: longer texts are not taken. */
const ATTRIBUTE_VALUE_MAX = 1_024;

/** The Entra object id first: it never changes. */
function namesOf(user: UserRow | null): string[] {
  const names = [user?.entraId ?? "", user?.domainName ?? "", user?.email ?? ""];
  return names.filter((name) => name !== "");
}
