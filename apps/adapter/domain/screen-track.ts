import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Recording, Segment, Track } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import { type CardText, describeCard } from "./screen-card.ts";
import { instantOf, type Interval } from "./timeline.ts";

/** Shorter than this a card would be a flicker; the last picture stays. A track may lack so much and count as recorded. */
const CARD_FROM_MS: DurationMs = 1_000;

/**
 * A capture that needs no longer to start counts as recorded from its beginning; what is longer, a person who watches
 * the file should not have to guess.
 */
const START_SHOWN_FROM_MS: DurationMs = 2_000;
/** A picture may be this far from its time, and times are rounded; what is left of a segment after a gap and is no longer has none. */
const STRAY_MOST_MS: DurationMs = 25;

/** A segment file or a part of it, or a card in the place of pictures, on its track's timeline. */
type TrackPiece = Shown & {
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

/** `fromMs`: where in its segment the piece begins, absent at the file's beginning. */
type Shown = { segmentId: string; fromMs?: DurationMs } | { card: CardText };
type Card = Interval & { card: CardText };
type Timed = Interval & Shown;

function planTrack(recording: Recording, track: Track): ScreenTrack | null {
  const ordered = orderByTime(track.segments).map((segment) => ({
    segmentId: segment.id,
    from: instantOf(segment.startedAt),
    to: instantOf(segment.startedAt) + segment.durationMs,
  }));
  const timed = withCards(ordered, missingStretches(recording, track));
  const [first] = timed;
  if (first === undefined) return null;
  const startedAt = first.from;
  const endedAt = Math.max(...timed.map(({ to }) => to));
  let positionMs = 0;
  const pieces = timed.map(({ from: _from, to: _to, ...what }, index): TrackPiece => {
    const endMs = (timed[index + 1]?.from ?? endedAt) - startedAt;
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

type TimedSegment = Interval & { segmentId: string };

/**
 * A card wherever there is no picture and the coverage says why: before the first segment, between two, after the last,
 * and inside one. What a card in a segment leaves of it goes on after the card.
 */
function withCards(segments: readonly TimedSegment[], missing: readonly Missing[]): Timed[] {
  const [first] = segments;
  if (first === undefined) return [];
  const before = { from: Number.NEGATIVE_INFINITY, to: first.from };
  const timed: Timed[] = cardsFor(leadingOf(missing), ({ from, to }) => overlap({ from, to }, before));
  let endedAt = first.from;
  for (const [index, segment] of segments.entries()) {
    endedAt = Math.max(endedAt, segment.to);
    const until = segments[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const cards = cardsFor(missing, ({ from, to }) =>
      // What began before the segment did is over with its first picture, though it may be noted a moment later.
      overlap({ from, to }, { from: from > segment.from ? from : endedAt, to: until }),
    );
    timed.push(
      segment,
      ...cards.flatMap((card, nth) => [card, ...restOf(segment, card, cards[nth + 1]?.from ?? until)]),
    );
  }
  return timed;
}

/** What of a segment is shown after a card, until the next one or the next segment begins. */
function restOf({ segmentId, from, to }: TimedSegment, card: Card, until: EpochMs): Timed[] {
  const rest = overlap({ from: card.to, to }, { from: card.to, to: until });
  return rest.to - rest.from > STRAY_MOST_MS ? [{ segmentId, fromMs: card.to - from, ...rest }] : [];
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
  return missing.filter(
    ({ from, to }, index) => (first >= 0 && index >= first) || to - from > START_SHOWN_FROM_MS,
  );
}

/** @param visible - what of a stretch there is no picture for. */
function cardsFor(missing: readonly Missing[], visible: (stretch: Missing) => Interval): Card[] {
  const cards: Card[] = [];
  for (const one of missing) {
    const { from, to } = visible(one);
    const start = Math.max(from, cards.at(-1)?.to ?? from);
    if (to - start < CARD_FROM_MS) continue;
    // The whole stretch's length is what a person wants to know, not the part of it that no segment covers.
    cards.push({ card: describeCard(one.stretch, one.to - one.from), from: start, to });
  }
  return cards;
}

/** Ends before it begins where the two have nothing in common. */
function overlap(one: Interval, other: Interval): Interval {
  return { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
}
