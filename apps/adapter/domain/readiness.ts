import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** How long what is waited for; all in ms. */
export interface ReadinessRules {
  /** Whether there is a Dynamics to ask. */
  dynamics: boolean;
  /** Without Dynamics: since the last hand-off. With it: for the recording of an agent who took part. */
  readyAfterMs: DurationMs;
  /** Since the last audio part came. */
  audioSettleMs: DurationMs;
  /** Since the last hand-off: then what there is is archived. */
  audioTimeoutMs: DurationMs;
}

/** What the judgement rests on; times by the adapter's clock. */
export interface ReadinessFacts {
  /** `isWhole`: a revision of it is here; `handedOff`: the newest is. */
  recordings: readonly { isWhole: boolean; handedOff: boolean; receivedAt: EpochMs; agent: string }[];
  audio: readonly { state: "pending" | "fetched" | "faulty"; firstSeenAt: EpochMs; changedAt: EpochMs }[];
  conversation: { closed: boolean; changedAt: EpochMs; speakers: number } | null;
}

export type Readiness =
  | { ready: true; because: "complete" | "settled-without-dynamics" | "audio-timeout" }
  /** `until`: when the answer changes by itself; null = only by something new. */
  | { ready: false; waitingFor: WaitingFor; until: EpochMs | null };

type WaitingFor =
  | "something"
  | "hand-off"
  | "session-close"
  | "recording"
  | "audio"
  | "audio-file"
  | "audio-settle"
  | "last-seal";

/** Whether an interaction can be archived now, and if not, why. */
export function judgeReadiness(facts: ReadinessFacts, rules: ReadinessRules, now: EpochMs): Readiness {
  const hasScreen = facts.recordings.some((recording) => recording.isWhole);
  const fetched = facts.audio.filter((part) => part.state === "fetched");
  if (!hasScreen && fetched.length === 0) return wait("something", null);
  const lastSeal = Math.max(...facts.recordings.map((recording) => recording.receivedAt));
  if (!rules.dynamics) {
    if (facts.recordings.some((recording) => !recording.handedOff)) {
      // A recorder that is gone for good must not keep back what others have handed off.
      const deadline = lastSeal + rules.audioTimeoutMs;
      return now >= deadline ? { ready: true, because: "audio-timeout" } : wait("hand-off", deadline);
    }
    const readyAt = lastSeal + rules.readyAfterMs;
    return now >= readyAt ? { ready: true, because: "settled-without-dynamics" } : wait("last-seal", readyAt);
  }
  const since = Number.isFinite(lastSeal)
    ? lastSeal
    : Math.min(...facts.audio.map((part) => part.firstSeenAt));
  const deadline = since + rules.audioTimeoutMs;
  if (now >= deadline) return { ready: true, because: "audio-timeout" };
  const missing = findMissing(facts, rules, now);
  if (missing === null) return { ready: true, because: "complete" };
  return wait(missing.waitingFor, Math.min(missing.until ?? deadline, deadline));
}

function findMissing(
  { recordings, audio, conversation }: ReadinessFacts,
  rules: ReadinessRules,
  now: EpochMs,
): { waitingFor: WaitingFor; until?: EpochMs } | null {
  if (recordings.some((recording) => !recording.handedOff)) return { waitingFor: "hand-off" };
  if (conversation === null || !conversation.closed) return { waitingFor: "session-close" };
  if (recordings.length === 0) return { waitingFor: "recording" };
  // An agent's recording is sealed after the wrap-up, which may end later than the session. Not everybody who takes
  // part has to have a desktop, so this wait is short.
  const recordingsBy = conversation.changedAt + rules.readyAfterMs;
  const agents = new Set(recordings.map((recording) => recording.agent)).size;
  if (agents < conversation.speakers && now < recordingsBy) {
    return { waitingFor: "recording", until: recordingsBy };
  }
  if (audio.some((part) => part.state === "pending")) return { waitingFor: "audio-file" };
  // A part that does not decode has come too: the call goes on without it.
  if (audio.length === 0) return { waitingFor: "audio" };
  const settledAt = Math.max(...audio.map((part) => part.changedAt)) + rules.audioSettleMs;
  return now < settledAt ? { waitingFor: "audio-settle", until: settledAt } : null;
}

function wait(waitingFor: WaitingFor, until: EpochMs | null): Readiness {
  return { ready: false, waitingFor, until };
}
