import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { CallScript, ScriptedEvent } from "./call-script.ts";
import type { OutgoingEvent } from "./event-sender.ts";

/** Something that happens to the conversation; `event` null = the customer hangs up. */
export interface CallStep {
  readonly atMs: DurationMs;
  readonly event: ScriptedEvent | null;
}

/** What happens, in order; agents' events come before a hang-up of the same instant. */
export function callSteps(script: CallScript): CallStep[] {
  const lastMs = Math.max(...script.events.map((event) => event.atMs));
  const steps: CallStep[] = [
    ...script.events.map((event) => ({ atMs: event.atMs, event })),
    { atMs: script.customerLeavesMs ?? lastMs, event: null },
  ];
  return steps.sort((left, right) => left.atMs - right.atMs);
}

/**
 * A scripted event as the recorder gets it: the agent by UPN, the call's facts with the events that introduce an agent.
 *
 * @param number - counts the call's events from 1; makes the id.
 */
export function outgoingEvent(
  script: CallScript,
  event: ScriptedEvent,
  call: { id: string; startedAt: EpochMs },
  number: number,
): OutgoingEvent {
  const { direction, customer, queue } = script;
  const agent = script.agents[event.agent];
  const agentName = agent?.name ?? event.agent;
  const introduces = event.type === "ringing" || event.type === "connected";
  return {
    id: `${call.id}-${number}`,
    type: event.type,
    at: formatInstant(call.startedAt + event.atMs),
    agent: agent?.upn ?? event.agent,
    callSessionId: call.id,
    ...(introduces ? { attributes: { direction, customer, queue, agentName } } : {}),
  };
}
