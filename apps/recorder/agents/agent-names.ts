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
   * These names are one person's. The id is one that is known already, else the first name.
   *
   * @param names - most telling first; never empty.
   */
  learn(names: readonly string[], source: NameSource): string;
}
