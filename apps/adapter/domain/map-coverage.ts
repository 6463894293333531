import type { CoverageInterval } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { instantOf } from "./timeline.ts";

type MappedCoverage = Manifest["screens"][number]["coverage"];

/**
 * A track's coverage on the interaction's timeline.
 *
 * @param zero - where the timeline begins.
 * @param endedAt - RFC 3339; ends an interval that was still open when its recording was sealed.
 */
export function mapCoverage(
  coverage: readonly CoverageInterval[],
  zero: EpochMs,
  endedAt: string,
): MappedCoverage {
  return coverage.map(({ from, to, ...rest }) => ({
    fromMs: instantOf(from) - zero,
    toMs: Math.max(instantOf(to ?? endedAt), instantOf(from)) - zero,
    ...rest,
  }));
}
