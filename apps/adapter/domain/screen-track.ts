import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Recording, Segment, Track } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import { type CardText, describeCard } from "./screen-card.ts";
import { instantOf, type Interval } from "./timeline.ts";

/** Shorter than this a card would be a flicker; the last picture stays. A track may lack so much and count as recorded. */
const CARD_FROM_MS: DurationMs = 1_000;

/** One segment file, or a card in the place of pictures, on its track's timeline. */
type TrackPiece = ({ segmentId: string } | { card: CardText }) & {
  /** How long it counts in the joined file: to the next piece's beginning, so that its last picture fills the time. */
  holdMs: DurationMs;
};

/** One screen's pictures in time order, from the first picture to the last. */
export interface ScreenTrack {
  recording: Recording;
  track: Track;
  startedAt: EpochMs;
  durationMs: DurationMs;
  pieces: TrackPiece[];
}

/** The tracks of all recordings that have a picture, by their beginning. */
export function listScreenTracks(recordings: readonly Recording[]): ScreenTrack[] {
  return recordings
    .flatMap((recording) => recording.tracks.map((track) => planTrack(recording, track)))
    .filter((screen) => screen !== null)
    .sort(
      (a, b) =>
        a.startedAt - b.startedAt ||
        compareText(a.recording.agent, b.recording.agent) ||
        compareText(a.recording.id, b.recording.id) ||
        compareText(a.track.id, b.track.id),
    );
}

type Timed = Interval & ({ segmentId: string } | { card: CardText });

function planTrack(recording: Recording, track: Track): ScreenTrack | null {
  const ordered = orderByTime(track.segments).map(
    (segment): Timed => ({
      segmentId: segment.id,
      from: instantOf(segment.startedAt),
      to: instantOf(segment.startedAt) + segment.durationMs,
    }),
  );
  const timed = withCards(ordered, missingStretches(recording, track));
  const [first] = timed;
  if (first === undefined) return null;
  const startedAt = first.from;
  let positionMs = 0;
  const pieces = timed.map(({ from: _from, to, ...what }, index): TrackPiece => {
    const endMs = (timed[index + 1]?.from ?? to) - startedAt;
    // Two segments that claim the same instant still both play; the next ones are not pushed back by it.
    const holdMs = Math.max(1, Math.round(endMs) - positionMs);
    positionMs += holdMs;
    return { ...what, holdMs };
  });
  return { recording, track, startedAt, durationMs: positionMs, pieces };
}

/** Segment ids number arrival; what counts is when they began. */
function orderByTime(segments: readonly Segment[]): Segment[] {
  return [...segments].sort(
    (a, b) => instantOf(a.startedAt) - instantOf(b.startedAt) || compareText(a.id, b.id),
  );
}

/** A card wherever no segment has a picture and the coverage says why: between them, before the first, after the last. */
function withCards(segments: readonly Timed[], missing: readonly Missing[]): Timed[] {
  const [first] = segments;
  if (first === undefined) return [];
  const timed: Timed[] = cardsIn({ from: Number.NEGATIVE_INFINITY, to: first.from }, leadingOf(missing));
  let endedAt = first.from;
  for (const [index, segment] of segments.entries()) {
    timed.push(segment);
    endedAt = Math.max(endedAt, segment.to);
    const next = segments[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    timed.push(...cardsIn({ from: endedAt, to: next }, missing));
  }
  return timed;
}

type Missing = Interval & { stretch: CoverageInterval };

function missingStretches({ endedAt, startedAt }: Recording, { coverage }: Track): Missing[] {
  return coverage
    .filter(({ state }) => state !== "captured")
    .map((stretch) => ({
      stretch,
      from: instantOf(stretch.from),
      to: instantOf(stretch.to ?? endedAt ?? startedAt),
    }))
    .sort((a, b) => a.from - b.from);
}

/** The time that every capture needs to start is not shown: a file begins with its first picture. */
function leadingOf(missing: readonly Missing[]): Missing[] {
  const first = missing.findIndex(({ stretch }) => stretch.reason !== "late-start");
  return first < 0 ? [] : missing.slice(first);
}

function cardsIn(hole: Interval, missing: readonly Missing[]): Timed[] {
  return missing.flatMap(({ stretch, ...interval }) => {
    const from = Math.max(hole.from, interval.from);
    const to = Math.min(hole.to, interval.to);
    if (to - from < CARD_FROM_MS) return [];
    // The whole stretch's length is what a person wants to know, not the part of it that no segment covers.
    return [{ card: describeCard(stretch, interval.to - interval.from), from, to }];
  });
}
