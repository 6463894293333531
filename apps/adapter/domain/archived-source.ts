import type { DurationMs } from "#shared/time/units.ts";
import { AUDIO_FILE } from "./manifest.ts";
import type { SoundStretch } from "./lay-out-sound.ts";
import type { Interval } from "./timeline.ts";
import type { PlannedAudio, PlannedPiece, PlannedScreen, SegmentRef, StitchPlan } from "./stitch-plan.ts";

/** A file of an archived version. */
export interface ArchivedFile {
  /** The version's, in the archive. */
  place: string;
  file: string;
}

/** Where a source lies in the archive since its own file has gone. */
export interface ArchivedSource extends ArchivedFile {
  /** Where in that file the source's first ms is. */
  atMs: DurationMs;
}

/** A part of the mix whose stretches are cut out of an archived mix when its own file has gone. */
export interface UsableAudio extends PlannedAudio {
  archived?: ArchivedFile;
}

/** Pictures of an archived file, from a key frame on. */
type ArchivedPiece = { archived: ArchivedFile; fromMs: DurationMs; holdMs: DurationMs };
type UsablePiece = PlannedPiece | ArchivedPiece;

export interface UsableScreen extends Omit<PlannedScreen, "pieces"> {
  pieces: UsablePiece[];
}

/** A plan made of what is to be had. */
export interface UsablePlan extends Omit<StitchPlan, "audio" | "screens"> {
  audio: UsableAudio[];
  screens: UsableScreen[];
}

/** Where each source of a version is found in the version itself. */
export interface SourcePlaces {
  segments: (SegmentRef & { source: ArchivedSource })[];
  audio: { sourceId: string; source: ArchivedSource }[];
}

/** @param place - of the version that was made from the plan. */
export function findInVersion(plan: StitchPlan, place: string): SourcePlaces {
  const segments = plan.screens.flatMap(({ file, pieces }) => {
    let positionMs = 0;
    return pieces.flatMap((piece) => {
      const atMs = positionMs - ("segmentId" in piece ? (piece.fromMs ?? 0) : 0);
      positionMs += piece.holdMs;
      if (!("segmentId" in piece)) return [];
      const { recordingId, trackId, segmentId } = piece;
      return [{ recordingId, trackId, segmentId, source: { place, file, atMs } }];
    });
  });
  const audio = plan.audio.map(({ sourceId, offsetMs }) => ({
    sourceId,
    source: { place, file: AUDIO_FILE, atMs: offsetMs },
  }));
  return { segments, audio };
}

/** Says where a source lies in the archive; null: its own file is here. */
export interface ArchivedLookup {
  segment: (ref: SegmentRef) => ArchivedSource | null;
  audio: (sourceId: string) => ArchivedSource | null;
}

/**
 * The same version from what is left: pictures and sound whose own files have gone are cut out of the version that has
 * them. A mix cannot be taken apart again, so where archived parts overlap their sound is taken once.
 */
export function useArchived(plan: StitchPlan, lookup: ArchivedLookup): UsablePlan {
  const taken = new Map<string, Interval[]>();
  return {
    ...plan,
    audio: plan.audio.map((part) => {
      const source = lookup.audio(part.sourceId);
      return source === null ? part : takeFromMix(part, source, taken);
    }),
    screens: plan.screens.map((screen) => ({
      ...screen,
      pieces: joinNeighbours(screen.pieces.map((piece) => takeFromScreen(piece, lookup))),
    })),
  };
}

/** Every file of the archive that a plan needs, once. */
export function listArchived(plan: UsablePlan): ArchivedFile[] {
  const files = new Map<string, ArchivedFile>();
  const add = ({ place, file }: ArchivedFile) => files.set(`${place}/${file}`, { place, file });
  for (const { archived } of plan.audio) if (archived !== undefined) add(archived);
  for (const { pieces } of plan.screens) {
    for (const piece of pieces) if ("archived" in piece) add(piece.archived);
  }
  return [...files.values()];
}

function takeFromMix(
  part: PlannedAudio,
  source: ArchivedSource,
  taken: Map<string, Interval[]>,
): UsableAudio {
  const { place, file, atMs } = source;
  const name = `${place}/${file}`;
  const heard = taken.get(name) ?? [];
  const stretches = part.stretches.flatMap(({ durationMs, afterMs }) => {
    const from = atMs + afterMs;
    return subtract({ from, to: from + durationMs }, heard).map(
      (left): SoundStretch => ({
        fromMs: left.from,
        durationMs: left.to - left.from,
        afterMs: left.from - atMs,
      }),
    );
  });
  const now = stretches.map(({ fromMs, durationMs }) => ({ from: fromMs, to: fromMs + durationMs }));
  taken.set(name, [...heard, ...now]);
  return { ...part, stretches, archived: { place, file } };
}

/** What is left of an interval without the others. */
function subtract(interval: Interval, others: readonly Interval[]): Interval[] {
  return others.reduce<Interval[]>(
    (left, { from, to }) =>
      left.flatMap((rest) =>
        [
          { from: rest.from, to: Math.min(rest.to, from) },
          { from: Math.max(rest.from, to), to: rest.to },
        ].filter((piece) => piece.to > piece.from),
      ),
    [interval],
  );
}

function takeFromScreen(piece: PlannedPiece, lookup: ArchivedLookup): UsablePiece {
  if (!("segmentId" in piece)) return piece;
  const source = lookup.segment(piece);
  if (source === null) return piece;
  const { place, file, atMs } = source;
  return { archived: { place, file }, fromMs: atMs + (piece.fromMs ?? 0), holdMs: piece.holdMs };
}

/** Pieces that follow each other in the archived file as they do in the new one are one. */
function joinNeighbours(pieces: readonly UsablePiece[]): UsablePiece[] {
  const joined: UsablePiece[] = [];
  for (const piece of pieces) {
    const before = joined.at(-1);
    if (before !== undefined && "archived" in before && "archived" in piece && doesFollow(before, piece))
      joined.splice(-1, 1, { ...before, holdMs: before.holdMs + piece.holdMs });
    else joined.push(piece);
  }
  return joined;
}

function doesFollow(before: ArchivedPiece, piece: ArchivedPiece): boolean {
  const isSameFile =
    before.archived.place === piece.archived.place && before.archived.file === piece.archived.file;
  return isSameFile && before.fromMs + before.holdMs === piece.fromMs;
}
