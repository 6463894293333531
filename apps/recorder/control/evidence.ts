/**
 * What Dynamics' participant rows say of an agent in a call session:
 * - `joined`: the agent has joined and not left;
 * - `answered`: joined, and left since, or the call is over;
 * - `not-answered`: offered, never joined, and the offer is over;
 * - `unknown`: nothing of that: no row, an offer that goes on, or no answer.
 */
export type Evidence = "joined" | "answered" | "not-answered" | "unknown";

/** Asks Dynamics about an agent's part in a call. Never rejects: a failure is logged and is `unknown`. */
export type LookUpEvidence = (agent: string, callSessionId: string, signal: AbortSignal) => Promise<Evidence>;
