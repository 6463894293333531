import type { CoverageWord } from "#shared/api/coverage.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import type { Codec, Recording } from "#shared/api/recording.ts";
import type { Manifest, Placement } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { mapCoverage } from "./map-coverage.ts";
import type { InteractionFacts } from "./interaction-facts.ts";
import type { SoundStretch } from "./lay-out-sound.ts";
import { listEvents, mergeAttributes } from "./merge-events.ts";
import { placeAudio } from "./place-audio.ts";
import { screenContainer } from "./screen-container.ts";
import type { CardText } from "./screen-card.ts";
import { listScreenTracks } from "./screen-track.ts";
import { instantOf, spanOf } from "./timeline.ts";
import { listWithoutScreen, type WithoutScreen } from "./without-screen.ts";

/** An audio part of the mix. */
export interface PlannedAudio {
  sourceId: string;
  /** Relative to the adapter's data folder. */
  path: string;
  sha256: string;
  offsetMs: DurationMs;
  /** From its first sample to its last, pauses included. */
  durationMs: DurationMs;
  /** What of the file is heard when, `afterMs` from `offsetMs` on; empty when another part is the same sound. */
  stretches: SoundStretch[];
  placement: Placement;
  uncertaintyMs: DurationMs;
}

/** A segment file, by the recorder's ids. */
export interface SegmentRef {
  recordingId: string;
  trackId: string;
  segmentId: string;
}

/**
 * A segment file, or a card that says why there is none. `fromMs`, where the piece begins in its segment, is about at a
 * key frame; absent: at the file's beginning.
 */
export type PlannedPiece = ((SegmentRef & { fromMs?: DurationMs }) | { card: CardText }) & {
  holdMs: DurationMs;
};

/** One screen file: segments and cards one after the other, and the sound of the same time. */
export interface PlannedScreen {
  file: string;
  codec: Codec;
  pieces: PlannedPiece[];
  /** Without `file` and `durationMs`: those are known when the file is made. */
  entry: Omit<Manifest["screens"][number], "file" | "durationMs">;
  durationMs: DurationMs;
}

/** Everything that a version of the archive is made from; the same facts always make the same plan. */
export interface StitchPlan {
  interactionId: string;
  startedAt: EpochMs;
  endedAt: EpochMs;
  durationMs: DurationMs;
  coverage: CoverageWord;
  call: Record<string, string>;
  /** Those that are neither of the call nor an agent's name; absent when there are none. */
  attributes?: Record<string, string>;
  agents: Manifest["agents"];
  events: Manifest["events"];
  audio: PlannedAudio[];
  screens: PlannedScreen[];
  /** Absent when there are none. */
  withoutScreen?: WithoutScreen[];
}

/** The attributes of a call that reach the manifest. */
const CALL_ATTRIBUTES = ["direction", "customer", "queue"] as const;

/**
 * Consolidates a call session: all recordings of all its agents and legs and all audio parts, on one timeline whose 0
 * is the earliest of first event, first picture and first sound.
 *
 * @returns null when there is nothing at all to put on a timeline.
 */
export function planStitch(facts: InteractionFacts): StitchPlan | null {
  const recordings = [...facts.recordings].sort(
    (a, b) => instantOf(a.startedAt) - instantOf(b.startedAt) || (a.id < b.id ? -1 : 1),
  );
  const events = listEvents(recordings);
  const tracks = listScreenTracks(recordings);
  const audio = placeAudio(facts.audio, facts.conversation);
  const span = spanOf([
    ...events.map(({ at }) => ({ from: at, to: at })),
    ...[...tracks, ...audio].map((item) => ({ from: item.startedAt, to: item.startedAt + item.durationMs })),
  ]);
  if (span === null) return null;
  const zero = span.from;
  const shown = new Set(tracks.map(({ recording }) => recording.id));
  const withoutScreen = listWithoutScreen(recordings, shown, span);
  return {
    interactionId: facts.interactionId,
    startedAt: span.from,
    endedAt: span.to,
    durationMs: span.to - span.from,
    coverage: worstCoverage(recordings),
    call: pickCall(recordings),
    ...pickAttributes(recordings),
    agents: listAgents(recordings),
    events: events.map(({ at, type, agent }) => ({
      at: formatInstant(at),
      offsetMs: at - zero,
      type,
      agent,
    })),
    audio: audio.map(({ part, startedAt, ...placed }) => ({
      sourceId: part.sourceId,
      path: part.file.path,
      sha256: part.file.sha256,
      offsetMs: startedAt - zero,
      ...placed,
    })),
    screens: tracks.map(({ recording, track, startedAt, durationMs, pieces }, index) => ({
      file: `screen-${index + 1}.${screenContainer(track.codec)}`,
      codec: track.codec,
      pieces: pieces.map((piece) =>
        "card" in piece ? piece : { recordingId: recording.id, trackId: track.id, ...piece },
      ),
      durationMs,
      entry: {
        recordingId: recording.id,
        leg: recording.leg,
        agent: recording.agent,
        desktop: track.desktop,
        display: track.display,
        width: track.width,
        height: track.height,
        offsetMs: startedAt - zero,
        coverage: mapCoverage(track.coverage, zero, recording.endedAt ?? formatInstant(span.to)),
      },
    })),
    ...(withoutScreen.length > 0 && { withoutScreen }),
  };
}

/** The worst word counts; a session of which nobody recorded anything is not recorded. */
function worstCoverage(recordings: readonly Recording[]): CoverageWord {
  const worst = Math.max(...recordings.map(({ coverage }) => COVERAGE_WORDS.indexOf(coverage)));
  return COVERAGE_WORDS[worst] ?? "not-recorded";
}

function pickCall(recordings: readonly Recording[]): Record<string, string> {
  const attributes = mergeAttributes(recordings);
  return Object.fromEntries(
    CALL_ATTRIBUTES.flatMap((key) => {
      const value = attributes[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function pickAttributes(recordings: readonly Recording[]): Pick<StitchPlan, "attributes"> {
  const known: readonly string[] = [...CALL_ATTRIBUTES, "agentName"];
  const others = Object.entries(mergeAttributes(recordings)).filter(([key]) => !known.includes(key));
  return others.length === 0 ? {} : { attributes: Object.fromEntries(others) };
}

/** In the order in which they came into the call; an agent whom no event names goes by their id. */
function listAgents(recordings: readonly Recording[]): Manifest["agents"] {
  const ids = [...new Set(recordings.map(({ agent }) => agent))];
  return ids.map((agent) => {
    const own = recordings.filter((recording) => recording.agent === agent);
    return { agent, name: mergeAttributes(own)["agentName"] ?? agent };
  });
}
