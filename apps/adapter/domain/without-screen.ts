import {
  ABSENCE_DETAILS,
  type AbsenceDetail,
  NOT_RECORDED_REASONS,
  type NotRecordedReason,
} from "#shared/api/coverage.ts";
import type { Recording } from "#shared/api/recording.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { instantOf, type Interval } from "./timeline.ts";

/** A recording of which there is no screen, as the manifest has it. */
export type WithoutScreen = NonNullable<Manifest["withoutScreen"]>[number];

/** A recording that was not answered is never handed off; the word may be a decision that was overruled. */
const REASONS: ReadonlySet<string> = new Set(
  NOT_RECORDED_REASONS.filter((reason) => reason !== "not-answered"),
);
/** What stands between the words of a recording's note. */
const BETWEEN_WORDS = ", ";

/**
 * The recordings of which no screen is shown, with what their recorder says of why. One that says nothing is not listed:
 * there is nothing that could be told of it.
 *
 * @param shown - the ids of those that have a screen.
 * @param span - of the interaction.
 */
export function listWithoutScreen(
  recordings: readonly Recording[],
  shown: ReadonlySet<string>,
  span: Interval,
): WithoutScreen[] {
  const inSpan = (at: EpochMs) => Math.min(Math.max(at, span.from), span.to);
  return recordings.flatMap((recording) => {
    const { id, leg, agent, startedAt, connectedAt, endedAt } = recording;
    const reason = reasonOf(recording);
    if (shown.has(id) || reason === null) return [];
    // As its word is judged: from the answer on.
    const from = inSpan(instantOf(connectedAt ?? startedAt));
    const to = endedAt === null ? span.to : Math.max(from, inSpan(instantOf(endedAt)));
    const detail = detailOf(recording, reason);
    return [
      {
        ...{ recordingId: id, leg, agent, offsetMs: from - span.from, durationMs: to - from, reason },
        ...(detail !== null && { detail }),
      },
    ];
  });
}

/** A recorder's note of a recording without anything; what {@link listWithoutScreen} reads. */
export function noteOf({ reason, detail }: WithoutScreen): string {
  return detail === undefined ? reason : [reason, detail].join(BETWEEN_WORDS);
}

/** What the recorder has judged is the last such word of its note: those before it are what it once decided. */
function reasonOf({ note }: Recording): NotRecordedReason | null {
  return wordsOf(note).findLast((word): word is NotRecordedReason => REASONS.has(word)) ?? null;
}

function detailOf({ note }: Recording, reason: NotRecordedReason): AbsenceDetail | null {
  const isDetail = (word: string): word is AbsenceDetail => Object.hasOwn(ABSENCE_DETAILS, word);
  const detail = wordsOf(note).findLast(isDetail);
  return detail !== undefined && ABSENCE_DETAILS[detail] === reason ? detail : null;
}

function wordsOf(note: string | null): string[] {
  return note === null ? [] : note.split(BETWEEN_WORDS);
}
