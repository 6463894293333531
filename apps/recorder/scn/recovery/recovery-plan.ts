import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { lastFrameDuration } from "../segment-cut.ts";
import { type CuePoint, type SegmentIdentity, type SegmentPlace, WebmMuxer } from "../webm-muxer.ts";
import { type FoundCluster, isTornTail } from "./cluster-scanner.ts";
import { retimedBytes } from "./retime-cluster.ts";
import type { KeyFrameFacts } from "./key-frame.ts";
import { readHeaderFacts } from "./header-facts.ts";

/** What is known of a segment without its file's header. */
export interface SegmentOrigin {
  recordingId: string;
  trackId: string;
  segmentId: string;
  codec: Codec;
  /** The monitor's, as the catalogue has it. */
  width: number;
  height: number;
  /** What the first key frame says; null: nothing, as in streams that do not repeat their parameter sets. */
  keyFrame: KeyFrameFacts | null;
  /** For a header that has lost its own. */
  uuid: Uint8Array;
  /** When the file was last written to. */
  modifiedAt: EpochMs;
}

/** A stretch whose pictures are lost; wall time. */
interface Hole {
  from: EpochMs;
  to: EpochMs;
}

/** How a file becomes a sealed segment. */
export interface RecoveryPlan {
  /**
   * - `none`: it is one already
   * - `in-place`: what it holds stays where it is; the rest is cut off or written over
   * - `rewrite`: something in its middle is damaged; what is whole goes to a new file
   */
  how: "none" | "in-place" | "rewrite";
  /** What is kept, in the order of time. */
  clusters: readonly FoundCluster[];
  /** So much earlier than in the file as it is: a segment begins at 0. */
  shiftMs: DurationMs;
  /** The sealed file is `header`, clusters, `cues`. */
  header: Buffer;
  cues: Buffer;
  startedAt: EpochMs;
  durationMs: DurationMs;
  frames: number;
  width: number;
  height: number;
  holes: Hole[];
}

/** Two starts in one header, and a file's last change, are never so far apart. */
const PLAUSIBLE_MS: DurationMs = 12 * 3_600_000;

/**
 * Which clusters of a damaged file make a segment: all from the first one on that begins with a key frame, for nobody can
 * decode what comes before; each once; in the order of time.
 */
export function chooseClusters(found: readonly FoundCluster[]): FoundCluster[] {
  const inOrder = found.toSorted((a, b) => a.startMs - b.startMs || a.position - b.position);
  const kept: FoundCluster[] = [];
  for (const cluster of inOrder) {
    const before = kept.at(-1);
    if (before === undefined ? cluster.isKey : cluster.startMs > before.lastMs) kept.push(cluster);
  }
  return kept;
}

/** What of a file decides how it becomes a segment. */
export interface ScannedFile {
  /** Its first bytes, at least as many as a header has. */
  head: Buffer;
  /** The first bytes after the last cluster that was chosen. */
  tail: Buffer;
  fileBytes: number;
  /** What was chosen of it, at least one. */
  clusters: readonly FoundCluster[];
}

/** Plans how a file becomes a sealed segment. Pure; run again on what it leads to, it finds nothing to do. */
export function planRecovery(
  { head, tail, fileBytes, clusters }: ScannedFile,
  origin: SegmentOrigin,
): RecoveryPlan {
  const first = clusters[0];
  const last = clusters.at(-1);
  if (first === undefined || last === undefined) throw new Error("a segment has at least one cluster");
  const facts = readHeaderFacts(head.subarray(0, first.position));
  const shiftMs = first.startMs;
  const fileStart = chooseStart(facts, origin.modifiedAt - last.lastMs);
  const place: SegmentPlace = {
    startedAt: fileStart + shiftMs,
    clockSource: facts.clockSource ?? "unknown",
  };
  const { recordingId, trackId, segmentId, codec, keyFrame } = origin;
  const { width, height } = keyFrame ?? facts.size ?? origin;
  const identity: SegmentIdentity = {
    ...{ recordingId, trackId, segmentId, codec, width, height },
    codecPrivate: keyFrame === null ? facts.codecPrivate : keyFrame.codecPrivate,
    uuid: facts.uuid ?? origin.uuid,
    ...place,
  };
  const muxer = new WebmMuxer(identity);
  const isJoined = clusters.every((cluster, index) => {
    const before = clusters[index - 1];
    return cluster.position === (before === undefined ? muxer.header.byteLength : endOf(before));
  });
  const canJoin = isJoined && shiftMs === 0;
  const lastedMs = last.lastMs - shiftMs + lastFrameDuration(lastDistance(clusters));
  const cuesAt = muxer.header.byteLength + sum(clusters.map(({ bytes }) => bytes));
  const cues = muxer.cues(canJoin ? cuePoints(clusters) : []);
  // One that was whole when it was sealed knows when its last picture went.
  const wasWhole = canJoin && fileBytes === cuesAt + cues.byteLength;
  const durationMs = wasWhole ? Math.max(last.lastMs, facts.durationMs ?? lastedMs) : lastedMs;
  const sealed = sealHeader(muxer, { ...place, durationMs }, cuesAt, cuesAt + cues.byteLength);
  const isIntact = head
    .subarray(0, sealed.byteLength)
    .every((byte, index) => byte === sealed[index] || byte === muxer.header[index]);
  const canStay =
    canJoin && isIntact && head.byteLength >= sealed.byteLength && isTornTail(tail, fileBytes - cuesAt);
  const isDone = canStay && wasWhole && head.subarray(0, sealed.byteLength).equals(sealed);
  const file = canStay ? { header: sealed, cues } : rewritten(muxer, clusters, shiftMs, place, durationMs);
  return {
    how: isDone ? "none" : canStay ? "in-place" : "rewrite",
    clusters,
    shiftMs,
    ...file,
    startedAt: place.startedAt,
    durationMs,
    frames: sum(clusters.map(({ frames }) => frames)),
    width,
    height,
    holes: findHoles(clusters, fileStart, fileStart + shiftMs + durationMs),
  };
}

/** The start stands in the header twice; of two that differ, the likelier one, and without any what the file's age tells. */
function chooseStart(
  { startTag, startDate }: { startTag: EpochMs | null; startDate: EpochMs | null },
  estimate: EpochMs,
): EpochMs {
  if (startTag !== null && startTag === startDate) return startTag;
  const likely = [startTag, startDate]
    .filter((start) => start !== null)
    .filter((start) => Math.abs(start - estimate) < PLAUSIBLE_MS)
    .toSorted((a, b) => Math.abs(a - estimate) - Math.abs(b - estimate));
  return Math.round(likely[0] ?? estimate);
}

function lastDistance(clusters: readonly FoundCluster[]): DurationMs | null {
  const last = clusters.at(-1);
  const before = clusters.at(-2);
  if (last === undefined) return null;
  return last.lastDistanceMs ?? (before === undefined ? null : last.lastMs - before.lastMs);
}

function cuePoints(clusters: readonly FoundCluster[]): CuePoint[] {
  return clusters.filter(({ isKey }) => isKey).map(({ startMs, position }) => ({ atMs: startMs, position }));
}

function sealHeader(
  muxer: WebmMuxer,
  summary: SegmentPlace & { durationMs: DurationMs },
  cuesAt: number,
  fileBytes: number,
): Buffer {
  const header = Buffer.from(muxer.header);
  for (const { bytes, position } of muxer.seal(summary, cuesAt, fileBytes)) bytes.copy(header, position);
  return header;
}

function rewritten(
  muxer: WebmMuxer,
  clusters: readonly FoundCluster[],
  shiftMs: DurationMs,
  place: SegmentPlace,
  durationMs: DurationMs,
): { header: Buffer; cues: Buffer } {
  let position = muxer.header.byteLength;
  const points: CuePoint[] = [];
  for (const cluster of clusters) {
    if (cluster.isKey) points.push({ atMs: cluster.startMs - shiftMs, position });
    position += retimedBytes(cluster, shiftMs);
  }
  const cues = muxer.cues(points);
  const header = sealHeader(muxer, { ...place, durationMs }, position, position + cues.byteLength);
  return { header, cues };
}

/** From where a cluster is missing until pictures are whole again: the next key frame. */
function findHoles(clusters: readonly FoundCluster[], fileStart: EpochMs, end: EpochMs): Hole[] {
  const holes: Hole[] = [];
  const shiftMs = clusters[0]?.startMs ?? 0;
  if (shiftMs > 0) holes.push({ from: fileStart, to: fileStart + shiftMs });
  let openFrom: EpochMs | null = null;
  for (const [index, cluster] of clusters.entries()) {
    const before = clusters[index - 1];
    if (before === undefined) continue;
    const isMissing = cluster.position !== endOf(before);
    if (openFrom !== null && cluster.isKey) {
      holes.push({ from: openFrom, to: fileStart + cluster.startMs });
      openFrom = null;
    }
    if (isMissing && openFrom === null) {
      const from = fileStart + before.lastMs + lastFrameDuration(before.lastDistanceMs);
      if (cluster.isKey)
        holes.push({ from: Math.min(from, fileStart + cluster.startMs), to: fileStart + cluster.startMs });
      else openFrom = from;
    }
  }
  if (openFrom !== null) holes.push({ from: openFrom, to: end });
  return holes.filter(({ from, to }) => to > from);
}

function endOf(cluster: FoundCluster): number {
  return cluster.position + cluster.bytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
