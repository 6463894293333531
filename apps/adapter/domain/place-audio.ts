import type { Placement } from "#shared/archive/manifest.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import type { AudioPart, Conversation } from "./interaction-facts.ts";
import { layOutSound, type SoundStretch } from "./lay-out-sound.ts";

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
  /** From the first sample to the last, pauses included. */
  durationMs: DurationMs;
  /** Empty when the same sound is listed already, under another source: it is heard once. */
  stretches: SoundStretch[];
  placement: Placement;
  uncertaintyMs: DurationMs;
}

/**
 * Puts every part of a call on the wall clock, by the best that is known of each: its own metadata, else the moment an
 * agent joined, else the start of the session, else when its row appeared less its length.
 *
 * Parts without metadata take the joins in the order in which their rows were made. A recording goes on through
 * transfers, consultations and conferences, so joins that lie inside a part that is placed begin no other. What is left
 * over follows the part before it without a pause. Rows that give the same bytes for times that overlap, or for none, give
 * one sound, at the most exact of their times.
 *
 * @returns every part once, by start, then source id.
 */
export function placeAudio(parts: readonly AudioPart[], conversation: Conversation | null): PlacedAudio[] {
  const ordered = [...parts].sort((a, b) => a.createdOn - b.createdOn || compareText(a.sourceId, b.sourceId));
  const placed: PlacedAudio[] = [];
  for (const stated of ordered.flatMap(placeStated).sort((a, b) => a.uncertaintyMs - b.uncertaintyMs)) {
    const twin = placed.find((other) => isSameSound(other, stated));
    placed.push(twin === undefined ? stated : { ...twin, part: stated.part, stretches: [] });
  }
  const joins = joinTimes(conversation);
  let before: PlacedAudio | undefined;
  for (const part of ordered.filter(({ file }) => file.stated === null)) {
    const twin = placed.find((other) => isSameBytes(other.part, part));
    if (twin !== undefined) {
      placed.push({ ...twin, part, stretches: [] });
      continue;
    }
    const join = joins.find((at) => !placed.some((other) => covers(other, at)));
    before = before === undefined ? placeFirst(part, join, conversation) : placeNext(part, join, before);
    placed.push(before);
  }
  return placed.sort((a, b) => a.startedAt - b.startedAt || compareText(a.part.sourceId, b.part.sourceId));
}

function isSameBytes({ file: one }: AudioPart, { file: other }: AudioPart): boolean {
  return one.sha256 === other.sha256;
}

/**
 * The same bytes at the same time, however exactly each row says it. Said to be at two times they are two sounds, e.g. a
 * greeting that was played twice.
 */
function isSameSound(one: PlacedAudio, other: PlacedAudio): boolean {
  const doOverlap =
    one.startedAt < other.startedAt + other.durationMs && other.startedAt < one.startedAt + one.durationMs;
  return isSameBytes(one.part, other.part) && (doOverlap || one.startedAt === other.startedAt);
}

/** None without metadata. */
function placeStated(part: AudioPart): PlacedAudio[] {
  const { stated } = part.file;
  return stated === null
    ? []
    : [place(part, stated.at, stated.placement ?? "metadata", stated.uncertaintyMs)];
}

function placeFirst(
  part: AudioPart,
  join: EpochMs | undefined,
  conversation: Conversation | null,
): PlacedAudio {
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
  const { durationMs: fileMs, stated } = part.file;
  const [first, ...later] = layOutSound(at, fileMs, stated?.pauses ?? [], part.createdOn);
  const lead = first?.afterMs ?? 0;
  const stretches = [...(first === undefined ? [] : [first]), ...later].map((stretch) => ({
    ...stretch,
    // A pause before the first sample moves the start; the part begins where it is heard.
    afterMs: stretch.afterMs - lead,
  }));
  const last = stretches.at(-1);
  const durationMs = last === undefined ? 0 : last.afterMs + last.durationMs;
  return { part, startedAt: Math.round(at) + lead, durationMs, stretches, placement, uncertaintyMs };
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
