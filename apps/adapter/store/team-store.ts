import type { AdapterDatabase } from "./database.ts";

/** Agents that supervisors are in charge of together. */
export interface Team {
  id: string;
  name: string;
  /** Agents' ids, lower case. */
  agents: string[];
}

/** Teams as a whole: there are few, and they are changed together. */
export class TeamStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  list(): Team[] {
    return this.#database
      .prepare<[], { id: string; name: string; agents: string }>("SELECT * FROM teams ORDER BY name")
      .all()
      .map(({ agents, ...team }) => ({ ...team, agents: JSON.parse(agents) as string[] }));
  }

  /** Within the caller's transaction. */
  replace(teams: readonly Team[]): void {
    this.#database.exec("DELETE FROM teams");
    const add = this.#database.prepare("INSERT INTO teams VALUES (?, ?, ?)");
    for (const { id, name, agents } of teams) add.run(id, name, JSON.stringify(agents));
  }
}
