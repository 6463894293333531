import type { EpochMs } from "#shared/time/units.ts";
import type { Evidence } from "../domain/open-question.ts";

/** An agent's leg of a call session, as far as a look-up needs it. */
export interface EvidenceSubject {
  agent: string;
  callSessionId: string;
  startedAt: EpochMs;
  /** Null while it goes on. */
  endedAt: EpochMs | null;
}

/** Asks Dynamics about an agent's part in a call. Never rejects: a failure is logged and is `unknown`. */
export type LookUpEvidence = (subject: EvidenceSubject, signal: AbortSignal) => Promise<Evidence>;
