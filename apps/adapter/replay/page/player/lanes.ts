import { callStretches, type Stretch } from "#shared/archive/call-stretches.ts";
import type { Manifest } from "#shared/archive/manifest.ts";

export type ManifestScreen = Manifest["screens"][number];

/** One agent's part in the interaction. */
export interface AgentLane {
  agent: string;
  name: string;
  stretches: Stretch[];
  screens: ManifestScreen[];
}

/** The lanes of an interaction, in the order in which the agents came into it. */
export function agentLanes(
  interaction: Pick<Manifest, "agents" | "events" | "screens" | "durationMs">,
): AgentLane[] {
  const names = new Map(interaction.agents.map(({ agent, name }) => [agent, name]));
  const everyone = new Set([
    ...interaction.agents.map(({ agent }) => agent),
    ...interaction.events.map(({ agent }) => agent),
    ...interaction.screens.map(({ agent }) => agent),
  ]);
  const lanes = [...everyone].map((agent) => ({
    agent,
    name: names.get(agent) || agent,
    stretches: callStretches(
      interaction.events.filter((event) => event.agent === agent),
      interaction.durationMs,
    ),
    screens: interaction.screens.filter((screen) => screen.agent === agent),
  }));
  const entryOf = (lane: AgentLane) =>
    lane.stretches[0]?.fromMs ?? lane.screens[0]?.offsetMs ?? Number.POSITIVE_INFINITY;
  return lanes.sort((left, right) => Math.sign(entryOf(left) - entryOf(right)) || 0);
}
