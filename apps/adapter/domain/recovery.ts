import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** What can be missing of a call. */
export type RecoveryKind = "no-audio" | "no-conversation" | "no-screens";

/** `waiting`: nothing to do, it may still come by itself. `never`: it cannot be brought back. */
export type RecoveryOutcome = "healed" | "waiting" | "never";

export interface Verdict {
  outcome: RecoveryOutcome;
  why: string;
}

/** A call of which something is missing, and what became of it. */
export interface RecoveryCase extends Verdict {
  kind: RecoveryKind;
  /** Null: the recording at Dynamics names none. */
  interactionId: string | null;
  /** msdyn_ocrecordingid, where the case is about one recording at Dynamics. */
  sourceId?: string;
}

/** An audio part as it is after the attempt. */
interface PartFacts {
  state: "pending" | "fetched" | "faulty";
  fault: string | null;
}

/** How long something may still come after its call's end. */
interface Patience {
  endedAt: EpochMs;
  now: EpochMs;
  patienceMs: DurationMs;
}

/** A closed voice conversation without audio, after all recordings that Dynamics has of it were asked for. */
export function judgeNoAudio(parts: readonly PartFacts[], patience: Patience): Verdict {
  const fetched = parts.filter(({ state }) => state === "fetched").length;
  if (fetched > 0) return healed(`${fetched} audio part(s) fetched`);
  const pending = parts.find(({ state }) => state === "pending");
  if (pending !== undefined) {
    return waiting(pending.fault ?? "Dynamics has its recording, but no file in it yet");
  }
  if (parts.length > 0) return never(parts.map(({ fault }) => fault ?? "it cannot be used").join("; "));
  return isLate(patience)
    ? never("Dynamics has no recording of it: it was not recorded there, or was deleted")
    : waiting("Dynamics has no recording of it yet");
}

/** What is known of a conversation that our recordings are of. */
export interface ConversationFacts extends Patience {
  /** Whether the id can be one of Dynamics'. */
  isPossibleId: boolean;
  /** Null: Dynamics does not know it. */
  conversation: { closed: boolean } | null;
}

/** Screens whose conversation is not known, or not known to have ended, after Dynamics was asked for it. */
export function judgeNoConversation(facts: ConversationFacts): Verdict {
  const { isPossibleId, conversation } = facts;
  if (!isPossibleId) return never("its id is none that Dynamics gives: its events did not come from there");
  if (conversation === null) {
    return isLate(facts)
      ? never("Dynamics does not know it: it was deleted there")
      : waiting("Dynamics does not know it yet");
  }
  return conversation.closed ? healed("its conversation was read") : waiting("it is still open at Dynamics");
}

/** A recording at Dynamics that named no conversation, after its row was read again; null: it is not known any more. */
export function judgeHomeless(
  part: (PartFacts & { interactionId: string | null }) | null,
  patience: Patience,
): Verdict {
  if (part?.interactionId) return healed("it names its conversation now");
  if (part === null || part.state === "faulty") return never(part?.fault ?? "it was deleted at Dynamics");
  return isLate(patience)
    ? never("its row at Dynamics names no conversation")
    : waiting("its row at Dynamics names no conversation yet");
}

/** A recording of screens, as far as it came over. */
interface ScreenFacts {
  isWhole: boolean;
  segments: number;
  /** The recorder's own words about it. */
  note: string | null;
}

/** An interaction without screens. */
export function judgeNoScreens(
  recordings: readonly ScreenFacts[],
  isInArchive: boolean,
  patience: Patience,
): Verdict {
  if (recordings.some(({ isWhole, segments }) => isWhole && segments > 0)) {
    return isInArchive
      ? healed("its screens are archived")
      : waiting("its screens are here, its version is being made");
  }
  if (recordings.some(({ isWhole }) => !isWhole))
    return waiting("its recorder has not handed its screens over yet");
  if (recordings.length > 0) {
    const notes = recordings.map(({ note }) => note ?? "no desktop sent a picture");
    return never(`its recorder has no picture of it: ${[...new Set(notes)].join("; ")}`);
  }
  return isLate(patience)
    ? never(
        "no recorder has a recording of it: none of its agents had a desktop here, or its events did not come",
      )
    : waiting("no recorder has handed over a recording of it yet");
}

function isLate({ endedAt, now, patienceMs }: Patience): boolean {
  return now - endedAt >= patienceMs;
}

const healed = (why: string): Verdict => ({ outcome: "healed", why });
const waiting = (why: string): Verdict => ({ outcome: "waiting", why });
const never = (why: string): Verdict => ({ outcome: "never", why });
