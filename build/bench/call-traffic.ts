import { randomUUID } from "node:crypto";

/** What a call says of itself, one by one. */
const CALL = ["ringing", "connected", "on-hold", "hold-done", "wrap-up", "agent-available"] as const;

/** A call event that happens when its body is made. */
export type EventBody = () => Record<string, unknown>;

/** Call events of a busy site, in order: so many agents at a time have one call each, then the next ones. */
export function callTraffic(count: number, agents: number): EventBody[] {
  const traffic: EventBody[] = [];
  while (traffic.length < count) {
    const sessions = Array.from({ length: agents }, () => randomUUID());
    for (const [step, type] of CALL.entries()) {
      for (const [index, callSessionId] of sessions.entries()) {
        const attributes = {
          direction: "inbound",
          customer: `+1425555${String(index).padStart(4, "0")}`,
          queue: "Billing",
          agentName: `Agent ${index}`,
        };
        const agent = `agent-${index}@contoso.com`;
        const id = `${callSessionId}:${step}`;
        traffic.push(() => ({ id, type, at: new Date().toISOString(), agent, callSessionId, attributes }));
      }
    }
  }
  return traffic.slice(0, count);
}
