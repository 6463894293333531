import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

/** Posts that were mapped are kept for questions that come up the days after; so are the rows of closed calls. */
const KEEP_MAPPED_MS: DurationMs = 72 * 3_600_000;
/** Posts that were refused are evidence of something that is set up wrongly. */
const KEEP_REFUSED_MS: DurationMs = 30 * 24 * 3_600_000;
/** What is deleted at once: media waits meanwhile. */
const AT_ONCE = 50;

/**
 * Deletes some of what of Dynamics is not needed any more; called after each pass, it keeps up with what comes in.
 *
 * @param keepRowsFrom - rows of conversations that were closed before go; by Dynamics' clock.
 */
export function deleteOldRows(
  { dynamicsRetention }: Pick<CallBuffer, "dynamicsRetention">,
  keepRowsFrom: EpochMs,
  now: EpochMs,
): void {
  dynamicsRetention.deleteRows(keepRowsFrom, AT_ONCE);
  dynamicsRetention.deletePosts("mapped", now - KEEP_MAPPED_MS, AT_ONCE * 20);
  dynamicsRetention.deletePosts("refused", now - KEEP_REFUSED_MS, AT_ONCE);
}
