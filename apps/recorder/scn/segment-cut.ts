import { type DurationMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { EncodedFrame } from "../capture/ports.ts";

/** Frames further apart than this do not share a segment. */
export const MAX_GAP_MS: DurationMs = 10_000;
/**
 * A player that seeks decodes from the key frame before: some 4 ms for each 1080p picture, on as many screens as the call has.
 * Screens on which little changes send few pictures, and need no other key frame than their segment's.
 */
export const MOST_PICTURES_WITHOUT_KEY = 75;
/** So shortly before a cut no other key frame is asked for. */
const NO_KEY_BEFORE_CUT_MS: DurationMs = 8_000;
/** How long past its length a segment waits for a key frame to be cut at. */
const KEY_FRAME_GRACE_MS: DurationMs = 30_000;
/**
 * A picture further than this from its place ends the segment, whose timeline counts nothing but ticks. A clock that is
 * wrong by 200 ppm strays 12 ms in a minute, so only a clock that was set, or one that is very wrong, costs a key frame.
 */
const MAX_STRAY_MS: DurationMs = 20;
/** A picture is taken to last as long as the one before it, but not longer than this. */
const MAX_LAST_FRAME_MS: DurationMs = 1_000;
/** How long the only picture of a segment is taken to last: one at 5 frames per second. */
const ONLY_FRAME_MS: DurationMs = 200;

/** What the decision needs to know of the open segment. */
export interface SegmentExtent {
  firstTicks: number;
  lastTicks: number;
  width: number;
  height: number;
  /** How many pictures came since its newest key frame, that one included. */
  sinceKey: number;
}

/**
 * - `go-on`: the frame belongs to the open segment
 * - `ask`: likewise, and a key frame is needed, to cut at or to seek to
 * - `cut`: the frame begins the next segment; the open one ends where it begins
 * - `gap`: the open one ends by itself, long before the frame
 * - `no-key-frame`: the segment is far too long and ends here; the frame is not a key frame
 */
export type CutDecision = "go-on" | "ask" | "cut" | "gap" | "no-key-frame";

/**
 * Decides where a segment ends: at the first key frame after its length, or once pictures stray. That key frame is asked for
 * then and not before, since one that came early could not be cut at, and each costs some 250 kB. Within a segment others are
 * asked for after {@link MOST_PICTURES_WITHOUT_KEY} pictures.
 *
 * @param strayMs - how far the frame's place on the segment's timeline is from the time that it was captured at.
 */
export function decideCut(
  segment: SegmentExtent,
  frame: Pick<EncodedFrame, "key" | "rtpTicks" | "width" | "height">,
  segmentMs: DurationMs,
  strayMs: DurationMs,
): CutDecision {
  // Backwards counts too: a sender that starts its clock anew is not on this segment's timeline.
  if (Math.abs(frame.rtpTicks - segment.lastTicks) / VIDEO_TICKS_PER_MS > MAX_GAP_MS) return "gap";
  const ageMs = (frame.rtpTicks - segment.firstTicks) / VIDEO_TICKS_PER_MS;
  const isOtherSize =
    (frame.width !== undefined && frame.width !== segment.width) ||
    (frame.height !== undefined && frame.height !== segment.height);
  const isDue = ageMs >= segmentMs || Math.abs(strayMs) > MAX_STRAY_MS;
  if (frame.key && (isOtherSize || isDue)) return "cut";
  if (ageMs >= segmentMs + KEY_FRAME_GRACE_MS) return "no-key-frame";
  const isFarFromKey =
    !frame.key &&
    segment.sinceKey >= MOST_PICTURES_WITHOUT_KEY &&
    ageMs < segmentMs - Math.min(NO_KEY_BEFORE_CUT_MS, segmentMs / 2);
  return isDue || isFarFromKey ? "ask" : "go-on";
}

/** How long the last picture of a segment is shown when nothing follows it directly. */
export function lastFrameDuration(distanceBeforeMs: DurationMs | null): DurationMs {
  return distanceBeforeMs === null ? ONLY_FRAME_MS : Math.min(distanceBeforeMs, MAX_LAST_FRAME_MS);
}
