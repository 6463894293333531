import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentMerge, AgentNameStore } from "../call-buffer/agent-name-store.ts";
import type { AgentNames, NameSource } from "./agent-names.ts";

/** How often a merge that waits for recordings to end is looked at again. */
const MERGE_EVERY_MS: DurationMs = 1_000;

/** An Entra object id. */
const ENTRA_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Names that tell people nothing: an Entra object id, a systemuser's id. */
const UNREADABLE = /^(systemuser:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface AgentDirectoryOptions {
  buffer: {
    agentNames: AgentNameStore;
    inTransaction<Result>(changes: () => Result): Result;
    onRollback(listener: () => void): () => void;
    notifyLeasable(): void;
  };
  clock: Clock;
  log: Log;
}

/** One agent became part of another. */
export type MergeListener = (from: string, into: string) => void;

/**
 * All names of all agents, in memory and in the catalogue.
 *
 * When two agents turn out to be one person, the one goes on that has recordings, else the one known first. What the
 * other has is moved as soon as none of its recordings is under way; until then both go on as they are.
 */
export class AgentDirectory implements AgentNames, Disposable {
  readonly #options: AgentDirectoryOptions;
  readonly #store: AgentNameStore;
  /** Agent by name, in the order in which the names were learned. */
  readonly #agentOf = new Map<string, string>();
  /** Names by agent. */
  readonly #namesOf = new Map<string, Set<string>>();
  /** What the alias file connects: its name by name. */
  readonly #via = new Map<string, string>();
  readonly #listeners = new Set<MergeListener>();
  readonly #forgetRollbacks: () => void;
  #merging: NodeJS.Timeout | null = null;
  #isDisposed = false;

  constructor(options: AgentDirectoryOptions) {
    this.#options = options;
    this.#store = options.buffer.agentNames;
    this.#load();
    this.#forgetRollbacks = options.buffer.onRollback(() => this.#loadAgain());
    if (this.#store.waitingMerges().length > 0) this.#mergeAfter(0);
  }

  /** The agent that a name means; null for a name never heard of. */
  find(name: string): string | null {
    return this.#agentOf.get(fold(name)) ?? null;
  }

  /** Every name of an agent, its id among them. */
  namesOf(agent: string): string[] {
    return [...(this.#namesOf.get(agent) ?? [])];
  }

  resolve(name: string, source: NameSource): string {
    const folded = fold(name);
    const known = this.#agentOf.get(folded);
    if (known !== undefined) return known;
    this.#add(folded, folded, source, null);
    return folded;
  }

  learn(names: readonly string[], source: NameSource): string {
    return this.#connect(names, source, null);
  }

  /**
   * What the alias file says: names that each belong together, the agent's own first. What an earlier file connected and
   * this one does not is apart from now on; what was moved by a merge stays where it is.
   */
  takeAliases(groups: readonly (readonly [agent: string, ...names: string[]])[]): void {
    try {
      this.#options.buffer.inTransaction(() => {
        this.#dropAliasesExcept(groups);
        for (const [agent, ...names] of groups)
          for (const name of names) this.#connect([agent, name], "alias-file", fold(name));
      });
    } catch (error) {
      this.#load(); // As the catalogue has it: nothing of the file.
      throw error;
    }
  }

  /** Tells of merges; the listener must not throw. */
  onMerged(listener: MergeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#forgetRollbacks();
    if (this.#merging !== null) clearTimeout(this.#merging);
  }

  #load(): void {
    const names = this.#store.all();
    for (const known of [this.#agentOf, this.#namesOf, this.#via]) known.clear();
    for (const { name, agent, via } of names) this.#remember(name, agent, via);
  }

  /** Names are learned within others' transactions: those of one that was rolled back are to be learned anew. */
  #loadAgain(): void {
    try {
      this.#load();
    } catch (error) {
      this.#options.log.error({ err: error }, "names of agents could not be read again");
    }
  }

  #dropAliasesExcept(groups: readonly (readonly [agent: string, ...names: string[]])[]): void {
    const owners = new Map(groups.flatMap(([agent, ...names]) => names.map((name) => [fold(name), agent])));
    const isSaid = (via: string, agent: string | null) => {
      const owner = owners.get(via);
      return owner !== undefined && (agent === null || this.find(owner) === agent);
    };
    for (const [name, via] of this.#via) {
      const agent = this.find(name);
      if (isSaid(via, agent)) continue;
      this.#store.remove(name);
      this.#forget(name);
      this.#options.log.info({ name, agent }, "name is not this agent's any more");
    }
    for (const { from, via } of this.#store.waitingMerges())
      if (via !== null && !isSaid(via, null)) this.#store.forgetMerge(from);
  }

  #connect(names: readonly string[], source: NameSource, via: string | null): string {
    const all = [...new Set(names.map(fold))];
    const folded = source === "alias-file" ? all : this.#ofOnePerson(all);
    const first = folded[0];
    if (first === undefined) throw new RangeError("no name to learn");
    const agents = [...new Set(folded.flatMap((name) => this.#agentOf.get(name) ?? []))];
    const readable = source === "alias-file" ? first : folded.find((name) => !UNREADABLE.test(name));
    const agent = this.#eldest(agents) ?? readable ?? first;
    for (const name of [agent, ...folded])
      if (!this.#agentOf.has(name)) this.#add(name, agent, source, name === agent ? null : via);
    for (const other of agents)
      if (other !== agent) this.#wantMerge({ from: other, into: agent, source, via });
    return agent;
  }

  /**
   * The names without those that are somebody else's. Two Entra object ids are two people, whatever else (a shared mailbox,
   * say) they have in common; who the names are about, the first says that has one.
   */
  #ofOnePerson(names: readonly string[]): string[] {
    const entraIdOf = (name: string): string | undefined => {
      if (ENTRA_ID.test(name)) return name;
      const agent = this.#agentOf.get(name);
      return agent === undefined ? undefined : this.namesOf(agent).find((other) => ENTRA_ID.test(other));
    };
    const person = names.map(entraIdOf).find((id) => id !== undefined);
    const others = names.filter((name) => (entraIdOf(name) ?? person) !== person);
    if (others.length > 0)
      this.#options.log.warn({ person, others }, "names of somebody else, not connected");
    return names.filter((name) => !others.includes(name));
  }

  /** The agent that has recordings to lose their name, else the one known first. */
  #eldest(agents: readonly string[]): string | null {
    if (agents.length < 2) return agents[0] ?? null;
    const byAge = [...this.#namesOf.keys()].filter((agent) => agents.includes(agent));
    return byAge.find((agent) => this.#store.hasEvents(agent)) ?? byAge[0] ?? null;
  }

  #wantMerge(wanted: AgentMerge): void {
    // Those that wait already count as merged: what is wanted of one that goes holds for the one that it becomes.
    const becomes = new Map(this.#store.waitingMerges().map(({ from, into }) => [from, into]));
    const endOf = (agent: string): string => {
      const next = becomes.get(agent);
      return next === undefined ? agent : endOf(next);
    };
    const merge = { ...wanted, from: endOf(wanted.from), into: endOf(wanted.into) };
    if (merge.from === merge.into) return;
    this.#store.waitToMerge(merge, this.#options.clock.now());
    this.#options.log.warn({ ...merge }, "two agents are one person");
    // Not at once: the caller may be within a transaction that is rolled back.
    this.#mergeAfter(0);
  }

  #mergeAfter(delayMs: DurationMs): void {
    if (this.#isDisposed) return;
    if (this.#merging !== null) clearTimeout(this.#merging);
    this.#merging = setTimeout(() => {
      this.#merging = null;
      this.#mergeWaiting();
    }, delayMs);
  }

  #mergeWaiting(): void {
    const { buffer, log } = this.#options;
    try {
      for (let merge = this.#nextMerge(); merge !== undefined; merge = this.#nextMerge()) {
        const { from, into } = merge;
        const due = merge;
        const recordings = buffer.inTransaction(() => this.#store.merge(due));
        this.#noteMerge(merge);
        log.warn({ from, into, recordings }, "agents merged");
        for (const listener of this.#listeners) listener(from, into);
        buffer.notifyLeasable();
      }
    } catch (error) {
      log.error({ err: error }, "agents could not be merged, to be tried again");
    }
    if (this.#store.waitingMerges().length > 0) this.#mergeAfter(MERGE_EVERY_MS);
  }

  /** Each merge may change what waits. */
  #nextMerge(): AgentMerge | undefined {
    return this.#store.waitingMerges().find(({ from, into }) => !this.#store.isBusy(from, into));
  }

  #noteMerge({ from, into, via }: AgentMerge): void {
    for (const name of this.namesOf(from)) {
      this.#agentOf.set(name, into);
      this.#namesOf.get(into)?.add(name);
      if (via !== null) this.#via.set(name, via);
    }
    this.#namesOf.delete(from);
  }

  #add(name: string, agent: string, source: NameSource, via: string | null): void {
    this.#store.add({ name, agent, source, via, learnedAt: this.#options.clock.now() });
    this.#remember(name, agent, via);
  }

  #remember(name: string, agent: string, via: string | null): void {
    this.#agentOf.set(name, agent);
    const names = this.#namesOf.get(agent) ?? new Set();
    this.#namesOf.set(agent, names.add(name));
    if (via !== null) this.#via.set(name, via);
  }

  #forget(name: string): void {
    const agent = this.#agentOf.get(name);
    this.#agentOf.delete(name);
    this.#via.delete(name);
    if (agent !== undefined) this.#namesOf.get(agent)?.delete(name);
  }
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}
