import type { EpochMs } from "#shared/time/units.ts";
import type { NameSource } from "../agents/agent-names.ts";
import type { Catalogue } from "./database.ts";
import { StrayStore } from "./stray-store.ts";

/** A name and the agent that it means. */
export interface AgentName {
  /** Lower case. */
  name: string;
  /** The agent's id. */
  agent: string;
  source: NameSource;
  /** The alias file's name that connects it; null: not connected by the file. */
  via: string | null;
  learnedAt: EpochMs;
}

/** Two agents that turned out to be one person. */
export interface AgentMerge {
  from: string;
  into: string;
  source: NameSource;
  via: string | null;
}

interface NameRow {
  name: string;
  agent: string;
  source: NameSource;
  via: string | null;
  learned_at: EpochMs;
}

/** Every table whose rows belong to an agent, beside the names themselves; a test compares it with the schema. */
export const TABLES_OF_AGENTS = ["events", "decisions", "pauses", "strays", "desktops"] as const;

/** Agents' names in the catalogue, and the moving of all that an agent has to another one. */
export class AgentNameStore {
  readonly #all;
  readonly #insert;
  readonly #connect;
  readonly #remove;
  readonly #hasEvents;
  readonly #isBusy;
  readonly #waiting;
  readonly #wait;
  readonly #done;
  readonly #redirect;
  readonly #renameAgent;
  readonly #moves;
  readonly #legs;
  readonly #parkLeg;
  readonly #moveLeg;
  readonly #content;
  readonly #keepContent;
  readonly #dropContent;
  readonly #strays;

  constructor(catalogue: Catalogue) {
    this.#strays = new StrayStore(catalogue);
    this.#all = catalogue.prepare<[], NameRow>("SELECT * FROM agent_names ORDER BY learned_at, name");
    this.#insert = catalogue.prepare(
      `INSERT INTO agent_names (name, agent, source, via, learned_at) VALUES (@name, @agent, @source, @via, @learnedAt)
       ON CONFLICT (name) DO NOTHING`,
    );
    this.#connect = catalogue.prepare("UPDATE agent_names SET agent = ?, source = ?, via = ? WHERE name = ?");
    this.#remove = catalogue.prepare("DELETE FROM agent_names WHERE name = ?");
    this.#hasEvents = catalogue.prepare<[string], { found: number }>(
      "SELECT EXISTS (SELECT 1 FROM events WHERE agent = ?) AS found",
    );
    this.#isBusy = catalogue.prepare<{ from: string; into: string }, { found: number }>(
      `SELECT EXISTS (
         SELECT 1 FROM recordings WHERE agent = @from AND (ended_at IS NULL OR phase = 'provisional')
         UNION ALL
         SELECT 1 FROM recordings AS own WHERE agent = @into AND (ended_at IS NULL OR phase = 'provisional')
           AND (EXISTS (SELECT 1 FROM events WHERE events.agent = @from AND call_session_id = own.call_session_id)
             OR EXISTS (SELECT 1 FROM events WHERE events.agent = @from AND call_session_id IS NULL
               AND at >= own.started_at))
       ) AS found`,
    );
    this.#waiting = catalogue.prepare<
      [],
      { from_agent: string; into_agent: string; source: NameSource; via: string | null }
    >("SELECT * FROM agent_merges ORDER BY asked_at, from_agent");
    this.#wait = catalogue.prepare(
      `INSERT INTO agent_merges (from_agent, into_agent, source, via, asked_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (from_agent) DO NOTHING`,
    );
    this.#done = catalogue.prepare("DELETE FROM agent_merges WHERE from_agent = ?");
    this.#redirect = catalogue.prepare(
      "UPDATE agent_merges SET into_agent = @into WHERE into_agent = @from AND from_agent <> @into",
    );
    this.#renameAgent = catalogue.prepare(
      `UPDATE agent_names SET agent = @into,
         source = CASE WHEN @via IS NULL THEN source ELSE @source END, via = coalesce(@via, via) WHERE agent = @from`,
    );
    this.#moves = TABLES_OF_AGENTS.map((table) =>
      catalogue.prepare<[string, string]>(`UPDATE ${table} SET agent = ? WHERE agent = ?`),
    );
    this.#legs = catalogue.prepare<
      { from: string; into: string },
      { id: string; agent: string; call_session_id: string; leg: number }
    >(
      `SELECT id, agent, call_session_id, leg FROM recordings
       WHERE agent IN (@from, @into)
         AND call_session_id IN (SELECT call_session_id FROM recordings WHERE agent = @from)
       ORDER BY call_session_id, started_at, id`,
    );
    this.#parkLeg = catalogue.prepare("UPDATE recordings SET agent = ?, leg = ? WHERE id = ?");
    this.#moveLeg = catalogue.prepare(
      `UPDATE recordings SET agent = @agent, leg = @leg,
         revision = revision + (@isChanged AND phase = 'sealed' AND erased_at IS NULL)
       WHERE id = @id`,
    );
    this.#content = catalogue.prepare<[], { content: string }>("SELECT content FROM alias_file");
    this.#keepContent = catalogue.prepare(
      `INSERT INTO alias_file (id, content, taken_at) VALUES (1, @content, @takenAt)
       ON CONFLICT (id) DO UPDATE SET content = @content, taken_at = @takenAt`,
    );
    this.#dropContent = catalogue.prepare("DELETE FROM alias_file");
  }

  /** Every name, the one known first first. */
  all(): AgentName[] {
    return this.#all.all().map((row) => ({
      name: row.name,
      agent: row.agent,
      source: row.source,
      via: row.via,
      learnedAt: row.learned_at,
    }));
  }

  add(name: AgentName): void {
    this.#insert.run({ ...name });
  }

  /** A name that is known already is another agent's from now on. */
  connect({ name, agent, source, via }: Omit<AgentName, "learnedAt">): void {
    this.#connect.run(agent, source, via, name);
  }

  remove(name: string): void {
    this.#remove.run(name);
  }

  /** Whether any call event is stored of that agent. */
  hasEvents(agent: string): boolean {
    return this.#hasEvents.get(agent)?.found === 1;
  }

  /**
   * Whether a recording is not over that a merge would touch: one of `from`, or one of `into` that events of `from` may be
   * about.
   */
  isBusy(from: string, into: string): boolean {
    return this.#isBusy.get({ from, into })?.found === 1;
  }

  /** Merges that are still to be done, the oldest first. */
  waitingMerges(): AgentMerge[] {
    return this.#waiting.all().map(({ from_agent, into_agent, source, via }) => ({
      from: from_agent,
      into: into_agent,
      source,
      via,
    }));
  }

  waitToMerge({ from, into, source, via }: AgentMerge, askedAt: EpochMs): void {
    this.#wait.run(from, into, source, via, askedAt);
  }

  /** Without effect when it is not waiting. */
  forgetMerge(from: string): void {
    this.#done.run(from);
  }

  /**
   * Gives all that one agent has to the other: names, events, decisions, pauses, recordings. Legs of a call that both
   * have are numbered anew by their start; sealed recordings whose files are there get the next revision, so that
   * adapters learn of it. To be called within a transaction, when the agent is not busy.
   *
   * @returns how many recordings changed hands.
   */
  merge({ from, into, source, via }: AgentMerge): number {
    for (const move of this.#moves) move.run(into, from);
    const legs = this.#legs.all({ from, into });
    // First out of the way: (agent, call session, leg) is unique at every step.
    for (const [index, { id }] of legs.entries()) this.#parkLeg.run(from, -1 - index, id);
    const counts = new Map<string, number>();
    for (const { id, agent, call_session_id, leg: before } of legs) {
      const leg = (counts.get(call_session_id) ?? 0) + 1;
      counts.set(call_session_id, leg);
      this.#moveLeg.run({ id, agent: into, leg, isChanged: Number(agent === from || leg !== before) });
    }
    this.#strays.settleAgent(into);
    this.#renameAgent.run({ from, into, source, via });
    this.#redirect.run({ from, into });
    this.#done.run(from);
    return legs.filter(({ agent }) => agent === from).length;
  }

  /** The newest content of the alias file that had no fault; null: none yet. */
  aliasFileContent(): string | null {
    return this.#content.get()?.content ?? null;
  }

  keepAliasFileContent(content: string | null, takenAt: EpochMs): void {
    if (content === null) this.#dropContent.run();
    else this.#keepContent.run({ content, takenAt });
  }
}
