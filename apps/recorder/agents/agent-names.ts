/** Where a name of an agent was learned. */
export type NameSource = "event" | "desktop" | "dynamics" | "alias-file";

/**
 * Who is who: an agent has an Entra object id, a UPN, a Windows domain name; all of them mean one agent, whose id in
 * events and recordings is the name that the recorder knew first. Names are compared without case.
 */
export interface AgentNames {
  /** The agent that a name means; a name never heard of is an agent of its own from now on. */
  resolve(name: string, source: NameSource): string;
  /**
   * These names are one person's. The id is one that is known already, else the first name that people can read: an id
   * only if there is nothing else.
   *
   * @param names - the surest first; never empty.
   */
  learn(names: readonly string[], source: NameSource): string;
}

/**
 * The name of an agent that every systemuser has, also one whose row cannot be read: with it among the others, what was
 * recorded meanwhile is the agent's once the row can be read.
 */
export function systemUserName(userId: string): string {
  return `systemuser:${userId}`;
}
