import type { Placement } from "#shared/archive/manifest.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import type { AudioPart, Conversation } from "./interaction-facts.ts";

/** Dynamics' times are whole seconds and a recording begins about when the agent joins. */
const PARTICIPANT_UNCERTAINTY_MS = 2_000;
/** A session starts when it is assigned; the first agent joins, and the recording begins, within a ring of that. */
const CONVERSATION_UNCERTAINTY_MS = 30_000;
/** Dynamics publishes a recording "typically a few minutes" after its end. */
const ASSUMED_UNCERTAINTY_MS = 300_000;

/** An audio part on the wall clock. */
export interface PlacedAudio {
  part: AudioPart;
  /** Whole ms. */
  startedAt: EpochMs;
  durationMs: DurationMs;
  placement: Placement;
  uncertaintyMs: DurationMs;
}

/**
 * Puts every part of a call on the wall clock, by the best that is known of each: its own metadata, else the moment an
 * agent joined, else the start of the session, else when its row appeared less its length.
 *
 * Parts without metadata take the joins in the order in which their rows were made, one join each; joins that lie inside
 * a part with metadata are taken already. What is left over follows the part before it without a pause.
 *
 * @returns by start, then source id.
 */
export function placeAudio(parts: readonly AudioPart[], conversation: Conversation | null): PlacedAudio[] {
  const stated = parts.flatMap((part): PlacedAudio[] =>
    part.file.stated === null
      ? []
      : [place(part, part.file.stated.at, "metadata", part.file.stated.uncertaintyMs)],
  );
  const joins = joinTimes(conversation).filter((at) => !stated.some((placed) => covers(placed, at)));
  const guessed: PlacedAudio[] = [];
  const unstated = parts
    .filter((part) => part.file.stated === null)
    .sort((a, b) => a.createdOn - b.createdOn || compareText(a.sourceId, b.sourceId));
  for (const part of unstated) {
    const before = guessed.at(-1);
    guessed.push(
      before === undefined
        ? placeFirst(part, joins, conversation)
        : placeNext(part, joins[guessed.length], before),
    );
  }
  return [...stated, ...guessed].sort(
    (a, b) => a.startedAt - b.startedAt || compareText(a.part.sourceId, b.part.sourceId),
  );
}

function placeFirst(
  part: AudioPart,
  joins: readonly EpochMs[],
  conversation: Conversation | null,
): PlacedAudio {
  const [join] = joins;
  if (join !== undefined) return place(part, join, "participant", PARTICIPANT_UNCERTAINTY_MS);
  const startedOn = conversation?.startedOn ?? null;
  if (startedOn !== null) return place(part, startedOn, "conversation", CONVERSATION_UNCERTAINTY_MS);
  return place(part, part.createdOn - part.file.durationMs, "assumed", ASSUMED_UNCERTAINTY_MS);
}

function placeNext(part: AudioPart, join: EpochMs | undefined, before: PlacedAudio): PlacedAudio {
  if (join !== undefined) return place(part, join, "participant", PARTICIPANT_UNCERTAINTY_MS);
  // Overlapping sound that never overlapped is the worst guess: keep the row's own time unless it collides.
  const at = Math.max(part.createdOn - part.file.durationMs, before.startedAt + before.durationMs);
  return place(part, at, "assumed", ASSUMED_UNCERTAINTY_MS);
}

function place(part: AudioPart, at: EpochMs, placement: Placement, uncertaintyMs: DurationMs): PlacedAudio {
  const durationMs = Math.round(part.file.durationMs);
  return { part, startedAt: Math.round(at), durationMs, placement, uncertaintyMs };
}

function joinTimes(conversation: Conversation | null): EpochMs[] {
  const joins = (conversation?.participants ?? []).flatMap((participant) =>
    participant.speaks && participant.joinedOn !== null ? [participant.joinedOn] : [],
  );
  return [...new Set(joins)].sort((a, b) => a - b);
}

/** A join in whole seconds lies up to one second before the start that the metadata states exactly. */
function covers(placed: PlacedAudio, at: EpochMs): boolean {
  return at >= placed.startedAt - PARTICIPANT_UNCERTAINTY_MS && at < placed.startedAt + placed.durationMs;
}
