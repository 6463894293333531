import type { DurationMs } from "#shared/time/units.ts";
import type { Block } from "./webm-muxer.ts";

const MAX_CLUSTER_MS: DurationMs = 1_000;
/**
 * A crash loses at most the open cluster. It is written this long after its first frame came, also when the screen is still
 * and sends nothing more, so that with a late timer and a slow write a `kill -9` costs less than a second.
 */
export const WRITE_AFTER_MS: DurationMs = 700;
const MAX_CLUSTER_BYTES = 512 * 1024;

/** Collects a segment's frames to clusters. A key frame always begins one, so that cues can point at it. */
export class ClusterBuffer {
  #blocks: Block[] = [];
  #bytes = 0;

  /** Whether the block can go into the cluster that is open; if not, that one is to be taken out first. */
  fits(block: Block): boolean {
    const first = this.#blocks[0];
    if (first === undefined) return true;
    return (
      !block.key &&
      block.atMs - first.atMs < MAX_CLUSTER_MS &&
      this.#bytes + block.data.byteLength <= MAX_CLUSTER_BYTES
    );
  }

  add(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.data.byteLength;
  }

  /** Empties it. */
  take(): Block[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#bytes = 0;
    return blocks;
  }
}
