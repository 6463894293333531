import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Codec, Recording, Track } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AudioPart, InteractionFacts } from "../domain/interaction-facts.ts";
import { madeRecording, madeSegment } from "./made-recording.ts";

/** When the call rang. */
const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
/** From the ring to the first picture; no multiple of anything. */
const FIRST_PICTURE_MS = 2_137;
const SEGMENT_MS: DurationMs = 60_000;
/** From one segment's start to the next one's: the last picture of each stays 7 ms longer than its file says. */
const SEGMENT_EVERY_MS = 60_007;
const PARTS = 3;
const FIRST_SOUND_MS = 1_003;
const BETWEEN_PARTS_MS = 5_250;
const DISPLAYS = ["1", "2"];

/** A file with sound, by which a part of the call is played. */
export interface PartFile {
  /** Relative to the adapter's data folder. */
  path: string;
  durationMs: DurationMs;
}

/** What all screens of a call are. */
export interface ScreenKind {
  codec: Codec;
  width: number;
  height: number;
}

/** When each part of a long call begins, in ms from the ring, and how long it is. */
export function partsOf(minutes: number): { atMs: DurationMs; durationMs: DurationMs }[] {
  const durationMs = Math.floor((minutes * 60_000) / PARTS) - BETWEEN_PARTS_MS;
  return Array.from({ length: PARTS }, (_, index) => ({
    atMs: FIRST_SOUND_MS + index * (durationMs + BETWEEN_PARTS_MS),
    durationMs,
  }));
}

/** When the segments of the call begin, in ms from the ring, whether anybody has them or not. */
export function segmentsOf(minutes: number): DurationMs[] {
  return Array.from({ length: minutes }, (_, index) => FIRST_PICTURE_MS + index * SEGMENT_EVERY_MS);
}

/**
 * A call of so many minutes with three parts of sound, two agents with two monitors each, the second of whom takes it over
 * half-way, a pause of a minute at the first and a lost connection of a minute at the second. All segments are a minute
 * long and may be one file.
 *
 * @param parts - one file for each of {@link partsOf}.
 * @param shown - `first`: only the first agent, with one monitor.
 */
export function longCall(
  minutes: number,
  parts: readonly PartFile[],
  screen: ScreenKind,
  shown: "all" | "first" = "all",
): InteractionFacts {
  const half = Math.floor(minutes / 2);
  const last = minutes - 1;
  const agents = [
    { id: "01ANN", agent: "ann@contoso.com", first: 0, missing: Math.floor(minutes / 4), what: PAUSED },
    { id: "02BOB", agent: "bob@contoso.com", first: half, missing: half + 1, what: LOST },
  ] as const;
  return {
    interactionId: "call-1",
    recordings: agents
      .slice(0, shown === "all" ? agents.length : 1)
      .map(({ first, missing, what, ...who }) =>
        record(
          who,
          { first, last, missing, what },
          screen,
          shown === "all" ? DISPLAYS : DISPLAYS.slice(0, 1),
        ),
      ),
    audio: partsOf(minutes).map(({ atMs }, index): AudioPart => {
      const { path = "", durationMs = 0 } = parts[index] ?? {};
      const stated = { at: RING + atMs, uncertaintyMs: 1 };
      // Nobody compares it with the file's; two that are alike would be one sound.
      const file = { path, bytes: 1, sha256: String(index).repeat(64), durationMs, stated };
      return { sourceId: `part-${index + 1}`, createdOn: RING + (minutes + 1) * 60_000, file };
    }),
    conversation: null,
  };
}

const PAUSED = { state: "paused", by: "admin" } as const;
const LOST = { state: "gap", reason: "connection-lost" } as const;

function record(
  who: { id: string; agent: string },
  which: { first: number; last: number; missing: number; what: typeof PAUSED | typeof LOST },
  screen: ScreenKind,
  displays: readonly string[],
): Recording {
  const startOf = (index: number): EpochMs => RING + FIRST_PICTURE_MS + index * SEGMENT_EVERY_MS;
  const indexes = Array.from({ length: which.last - which.first + 1 }, (_, index) => which.first + index);
  const segments = indexes
    .filter((index) => index !== which.missing)
    .map((index) => madeSegment(String(index + 1).padStart(6, "0"), startOf(index), SEGMENT_MS));
  const { tracks, ...recording } = madeRecording({ ...who, callSessionId: "call-1" }, segments);
  const missing: CoverageInterval = {
    from: formatInstant(startOf(which.missing)),
    to: formatInstant(startOf(which.missing + 1)),
    ...which.what,
  };
  const made = tracks.flatMap((track) =>
    displays.map((display): Track => ({ ...track, ...screen, id: display, display, coverage: [missing] })),
  );
  return { ...recording, tracks: made };
}
