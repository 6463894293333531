import type { Manifest } from "#shared/archive/manifest.ts";

/** The agents' names in the order of the manifest, an agent without a name by the identity. */
export function agentNames({ agents }: Pick<Manifest, "agents">): string[] {
  return agents.map(({ agent, name }) => name || agent);
}

/** Looks up an agent's name. */
export function nameLookup({ agents }: Pick<Manifest, "agents">): (agent: string) => string {
  const names = new Map(agents.map(({ agent, name }) => [agent, name]));
  return (agent) => names.get(agent) || agent;
}
