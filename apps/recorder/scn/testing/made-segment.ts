import type { EncodedFrame } from "../../capture/ports.ts";
import { type Block, encodeCluster, type SegmentIdentity, WebmMuxer } from "../webm-muxer.ts";

/** A segment file's bytes, and what it is made of. */
export interface MadeSegment {
  bytes: Buffer;
  headerBytes: number;
  blocks: Block[];
  clusters: { bytes: Buffer; blocks: Block[] }[];
  identity: SegmentIdentity;
}

/** When made segments begin. */
export const MADE_AT = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
const CLUSTER_FRAMES = 10;
const FRAME_MS = 100;

/**
 * Frames of one size as a writer writes them, at 10 per second: key frames begin clusters.
 *
 * @param state - `open`, as a crash leaves it; or `sealed`.
 */
export function makeSegment(
  frames: readonly EncodedFrame[],
  state: "open" | "sealed",
  given: Partial<SegmentIdentity> = {},
): MadeSegment {
  const [first] = frames;
  const identity: SegmentIdentity = {
    recordingId: "01JREC",
    trackId: "1",
    segmentId: "000001",
    codec: "vp9",
    width: first?.width ?? 0,
    height: first?.height ?? 0,
    codecPrivate: first?.codecPrivate ?? null,
    uuid: Buffer.alloc(16, 7),
    startedAt: MADE_AT,
    clockSource: "sender-reports",
    ...given,
  };
  const muxer = new WebmMuxer(identity);
  const blocks = frames.map(({ data, key }, index) => ({ data, key, atMs: index * FRAME_MS }));
  const groups: Block[][] = [];
  for (const block of blocks) {
    const open = groups.at(-1);
    if (open === undefined || block.key || open.length >= CLUSTER_FRAMES) groups.push([block]);
    else open.push(block);
  }
  const clusters = groups.map((group) => ({ bytes: encodeCluster(group), blocks: group }));
  const open = Buffer.concat([muxer.header, ...clusters.map(({ bytes }) => bytes)]);
  const made = { headerBytes: muxer.header.byteLength, blocks, clusters, identity };
  if (state === "open") return { ...made, bytes: open };
  let position = muxer.header.byteLength;
  const points = clusters.flatMap(({ bytes, blocks: [block] }) => {
    const point = { atMs: block?.atMs ?? 0, position };
    position += bytes.byteLength;
    return block?.key ? [point] : [];
  });
  const sealed = Buffer.concat([open, muxer.cues(points)]);
  const { startedAt, clockSource } = identity;
  const summary = { startedAt, clockSource, durationMs: blocks.length * FRAME_MS };
  for (const patch of muxer.seal(summary, open.byteLength, sealed.byteLength))
    patch.bytes.copy(sealed, patch.position);
  return { ...made, bytes: sealed };
}
