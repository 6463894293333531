/** Milliseconds of many calls, sorted out. */
export interface Latencies {
  count: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** @throws RangeError when there are none. */
export function sortOut(samplesMs: readonly number[]): Latencies {
  if (samplesMs.length === 0) throw new RangeError("no samples to sort out");
  const sorted = [...samplesMs].sort((left, right) => left - right);
  return {
    count: sorted.length,
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    p99Ms: percentile(sorted, 99),
    maxMs: round(sorted.at(-1) ?? 0),
  };
}

/** The smallest sample that so many of a hundred are not above (nearest rank). */
function percentile(sorted: readonly number[], hundredth: number): number {
  const rank = Math.ceil((hundredth / 100) * sorted.length);
  return round(sorted[Math.max(rank, 1) - 1] ?? 0);
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
