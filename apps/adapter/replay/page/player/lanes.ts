import type { CallEventType } from "#shared/api/call-event.ts";
import type { Manifest } from "#shared/archive/manifest.ts";

export type ManifestEvent = Manifest["events"][number];
export type ManifestScreen = Manifest["screens"][number];

/** What an agent is doing in the call. */
export type CallState = "ring" | "talk" | "conference" | "consult" | "hold" | "wrap-up";

/** A stretch of an agent's lane, in ms on the interaction's timeline. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  state: CallState;
}

/** One agent's part in the interaction. */
export interface AgentLane {
  agent: string;
  name: string;
  stretches: Stretch[];
  screens: ManifestScreen[];
}

/** What an event leaves the agent doing; null = no longer in the call. */
const STATE_AFTER: Readonly<Record<CallEventType, CallState | null>> = {
  ringing: "ring",
  "not-responding": null,
  connected: "talk",
  conferencing: "conference",
  consulting: "consult",
  "consult-done": "talk",
  "on-hold": "hold",
  "hold-done": "talk",
  "wrap-up": "wrap-up",
  "agent-available": null,
};

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

/**
 * What one agent did and when, from nothing but the events; what is still going on after the last event lasts to the end
 * of the interaction.
 */
export function callStretches(events: readonly ManifestEvent[], durationMs: number): Stretch[] {
  const inOrder = events.toSorted((left, right) => left.offsetMs - right.offsetMs);
  const stretches: Stretch[] = [];
  inOrder.forEach((event, index) => {
    const state = STATE_AFTER[event.type];
    const toMs = inOrder[index + 1]?.offsetMs ?? durationMs;
    if (state === null || toMs <= event.offsetMs) return;
    const last = stretches.at(-1);
    if (last?.state === state && last.toMs === event.offsetMs) last.toMs = toMs;
    else stretches.push({ fromMs: event.offsetMs, toMs, state });
  });
  return stretches;
}
