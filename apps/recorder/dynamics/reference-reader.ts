import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { DynamicsRows } from "../call-buffer/dynamics-rows.ts";
import type { RowState } from "../domain/dynamics/row-state.ts";
import type { KnowledgeReader } from "./knowledge.ts";
import type { Mirror, ShownRow } from "./mirror.ts";
import { columnsOf, type RowKind } from "./row-schemas.ts";
import type { RowSource } from "./row-source.ts";

/** Names change rarely: users and presences are read again daily. */
const NAMES_AGE_MS: DurationMs = 86_400_000;
/** Users that are read again in one pass. */
const USERS_PER_PASS = 40;
/** Calls that are looked at in one go: media waits meanwhile. */
const LOOKED_AT_AT_ONCE = 100;
/** Rows whose session is not there are not asked for any longer than this. */
const PLACELESS_FOR_MS: DurationMs = 600_000;
/** What is not there is asked for this often: a row may be written later than the one that speaks of it. */
const MOST_TRIES = 3;
const MOST_REMEMBERED = 10_000;

export interface ReferenceReaderOptions {
  source: RowSource;
  rows: DynamicsRows;
  mirror: Mirror;
  knowledge: KnowledgeReader;
  clock: Clock;
  log: Log;
}

/** Reads the rows that others speak of and that are not in the mirror. What it reads its callers merge. */
export class ReferenceReader {
  readonly #options: ReferenceReaderOptions;
  readonly #tries = new Map<string, number>();
  #hasPresences = false;

  constructor(options: ReferenceReaderOptions) {
    this.#options = options;
  }

  /** What a post's rows need before they say anything: their conversation, whose they are, what a presence counts as. */
  async readFor(shown: readonly ShownRow[], signal: AbortSignal): Promise<ShownRow[]> {
    const found: ShownRow[] = [];
    const cell = (column: string) => shown.flatMap(({ state }) => textOf(state, column));
    const readMissing = async (kind: RowKind, ids: readonly string[]) => {
      const isThere = (id: string) =>
        [...shown, ...found].some((row) => row.kind === kind && row.state.id === id);
      const missing = [...new Set(ids)].filter((id) => !this.#options.mirror.has(kind, id) && !isThere(id));
      found.push(...(await this.#readIds(kind, missing, signal)));
    };
    const sessionIds = [...cell("msdyn_omnichannelsession"), ...cell("msdyn_sessionid")];
    const [isStatus] = [shown.some(({ kind }) => kind === "agent-status" || kind === "agent-status-history")];
    await Promise.all([
      readMissing("session", sessionIds),
      // Presences say nothing that is derived at once, so their agents are not waited for.
      isStatus ? null : readMissing("user", [...cell("msdyn_agentid"), ...cell("msdyn_activeagentid")]),
    ]);
    const silent = sessionIds.flatMap((id) => this.#conversationToAsk(id, found) ?? []);
    await readMissing("conversation", silent);
    await readMissing(
      "user",
      found
        .filter(({ kind }) => kind === "conversation")
        .flatMap(({ state }) => textOf(state, "msdyn_activeagentid")),
    );
    return found;
  }

  /** All that touched conversations and agents speak of, in the order in which it can be known. */
  async *readForTouched(signal: AbortSignal): AsyncGenerator<ShownRow[]> {
    const { rows, knowledge, clock } = this.#options;
    const old = clock.now() - NAMES_AGE_MS;
    if (!this.#hasPresences || rows.notSeenSince("presence", old, 1).length > 0) {
      const presences = await this.#options.source.read("presence", { all: true }, signal);
      this.#hasPresences = true;
      yield toShown("presence", presences.rows);
    }
    yield await this.#readTried(
      "session",
      "ids",
      rows.placelessSessions(clock.now() - PLACELESS_FOR_MS),
      signal,
    );
    yield await this.#readTried("conversation", "ids", rows.unknownConversations(), signal);
    const users = [...rows.unknownUsers(), ...rows.notSeenSince("user", old, USERS_PER_PASS)];
    yield await this.#readIds("user", users, signal);
    const unknown = knowledge.unknownPresences(rows.touched("agent"));
    yield await this.#readTried("presence", "ids", unknown, signal);
    yield await this.#readTried("queue", "ids", await this.#unknownQueues(), signal);
  }

  /** Of touched conversations. */
  async #unknownQueues(): Promise<string[]> {
    const { rows, mirror } = this.#options;
    const ids = new Set<string>();
    for (const [index, { id }] of rows.touched("conversation").entries()) {
      const { queueId = null } = mirror.find("conversation", id) ?? {};
      if (queueId !== null) ids.add(queueId);
      // After a long absence they are many.
      if (index % LOOKED_AT_AT_ONCE === 0) await nextTurn();
    }
    return [...ids].filter((id) => !mirror.has("queue", id));
  }

  /** The numbers of these calls, as far as they are not known. */
  readPhoneContexts(conversationIds: readonly string[], signal: AbortSignal): Promise<ShownRow[]> {
    const missing = new Set(this.#options.rows.withoutPhoneContext());
    const ids = conversationIds.filter((id) => missing.has(id));
    return this.#readTried("phone-context", "ofConversations", ids, signal);
  }

  /** A session that does not say whether it is voice leaves that to its conversation. */
  #conversationToAsk(sessionId: string, found: readonly ShownRow[]): string | null {
    const read = found.find(({ kind, state }) => kind === "session" && state.id === sessionId);
    if (read !== undefined) {
      const channels = read.state.cells["msdyn_channel"];
      const isSilent = !Array.isArray(channels) || channels.length === 0;
      return isSilent ? (textOf(read.state, "msdyn_liveworkitemid")[0] ?? null) : null;
    }
    const session = this.#options.mirror.find("session", sessionId);
    return session !== null && session.channels.length === 0 ? session.conversationId : null;
  }

  async #readIds(kind: RowKind, ids: readonly string[], signal: AbortSignal): Promise<ShownRow[]> {
    if (ids.length === 0) return [];
    const { rows } = await this.#options.source.read(kind, { ids: [...new Set(ids)] }, signal);
    const shown = toShown(kind, rows);
    if (kind !== "user") return shown;
    const found = new Set(rows.map(({ id }) => id));
    return [...shown, ...[...new Set(ids)].filter((id) => !found.has(id)).map((id) => this.#noteAbsent(id))];
  }

  /** A user that Dataverse does not show takes part in calls all the same, and is a person as far as we know. */
  #noteAbsent(id: string): ShownRow {
    this.#options.log.warn({ userId: id }, "systemuser is not there, or may not be read");
    const cells = Object.fromEntries(columnsOf("user").map((column) => [column, null]));
    return { kind: "user", state: { id, version: 0, modifiedAt: 0, source: "read", cells, written: null } };
  }

  /** Reads what may not be there: not for ever. */
  async #readTried(
    kind: RowKind,
    selection: "ids" | "ofConversations",
    ids: readonly string[],
    signal: AbortSignal,
  ) {
    if (this.#tries.size > MOST_REMEMBERED) this.#tries.clear();
    const tries = (id: string) => this.#tries.get(`${kind} ${id}`) ?? 0;
    const asked = [...new Set(ids)].filter((id) => tries(id) < MOST_TRIES);
    if (asked.length === 0) return [];
    const wanted = selection === "ids" ? { ids: asked } : { ofConversations: asked };
    const { rows } = await this.#options.source.read(kind, wanted, signal);
    for (const id of asked) this.#tries.set(`${kind} ${id}`, tries(id) + 1);
    return toShown(kind, rows);
  }
}

function toShown(kind: RowKind, states: readonly RowState[]): ShownRow[] {
  return states.map((state) => ({ kind, state }));
}

function textOf(state: RowState, column: string): string[] {
  const value = state.cells[column];
  return typeof value === "string" ? [value] : [];
}
