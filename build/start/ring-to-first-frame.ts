const METRIC = "deskreel_ring_to_first_frame_ms";

/**
 * Mean of ring → first frame over the recordings of this recorder run, from its metrics (Prometheus text format).
 *
 * @returns whole ms, or null before the first frame.
 */
export function readRingToFirstFrame(metrics: string): number | null {
  const value = (suffix: string) =>
    Number(new RegExp(`^${METRIC}_${suffix}(?:\\{\\})? (\\S+)$`, "m").exec(metrics)?.[1]);
  const count = value("count");
  return count > 0 ? Math.round(value("sum") / count) : null;
}
