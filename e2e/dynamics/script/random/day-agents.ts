import type { ScriptedAgent } from "../call-script.ts";

/** A second of the day. */
export type Second = number;

/** An agent of a random day, as far as the agent's time is planned. */
interface PlannedAgent {
  readonly key: string;
  /** From when on the agent can be offered something. */
  freeAt: Second;
  /** Seconds in which something happens to the agent already. */
  readonly taken: Set<Second>;
}

const BOT = "iva";
const SUPERVISOR = "sue";

/**
 * Who works on a random day, and when each is free. Two facts of one agent never fall into the same second, because
 * Dataverse could not say which came first; in a real call there is a person's reaction between them.
 */
export class DayAgents {
  readonly #agents: readonly PlannedAgent[];
  readonly #others = new Map([BOT, SUPERVISOR].map((key) => [key, planned(key)]));

  constructor(count: number) {
    this.#agents = Array.from({ length: count }, (_, index) => planned(`agent${index + 1}`));
  }

  readonly bot = BOT;
  readonly supervisor = SUPERVISOR;

  /** All of them, as a script names them. */
  scripted(): Record<string, ScriptedAgent> {
    const people = this.#agents.map(({ key }, index) => [key, scripted(key, index + 1, false)] as const);
    return Object.fromEntries([
      ...people,
      [SUPERVISOR, scripted(SUPERVISOR, 901, false)],
      [BOT, scripted(BOT, 902, true)],
    ]);
  }

  /** One of those who are free at that time; undefined when none is. */
  pickFree(pick: number, at: Second): string | undefined {
    const free = this.#agents.filter(({ freeAt }) => freeAt <= at);
    return free.length === 0 ? undefined : free[pick % free.length]?.key;
  }

  /** Any of them, free or not. */
  pickAny(pick: number): string {
    return this.#agents[pick % this.#agents.length]?.key ?? "";
  }

  isFree(key: string, at: Second): boolean {
    return this.#agent(key).freeAt <= at;
  }

  /** When the first of them is free. */
  firstFreeAt(): Second {
    return Math.min(...this.#agents.map(({ freeAt }) => freeAt));
  }

  /** The first second from `at` on in which nothing happens to these agents yet; it is theirs now. */
  take(at: Second, keys: readonly string[]): Second {
    const agents = keys.map((key) => this.#agent(key));
    let second = at;
    while (agents.some(({ taken }) => taken.has(second))) second += 1;
    for (const { taken } of agents) taken.add(second);
    return second;
  }

  busyUntil(key: string, second: Second): void {
    const agent = this.#agent(key);
    agent.freeAt = Math.max(agent.freeAt, second + 1);
  }

  #agent(key: string): PlannedAgent {
    const agent = this.#agents.find((one) => one.key === key) ?? this.#others.get(key);
    if (agent === undefined) throw new TypeError(`nobody is called ${key} on this day`);
    return agent;
  }
}

function planned(key: string): PlannedAgent {
  return { key, freeAt: 0, taken: new Set() };
}

function scripted(key: string, number: number, bot: boolean): ScriptedAgent {
  const entraId = `a0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { entraId, upn: `${key}@contoso.com`, name: key, bot };
}
