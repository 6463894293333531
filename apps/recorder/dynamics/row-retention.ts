import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

/** Posts that were mapped are kept for questions that come up the days after; so are the rows of closed calls. */
const KEEP_MAPPED_MS: DurationMs = 72 * 3_600_000;
/** Posts that were refused are evidence of something that is set up wrongly. */
const KEEP_REFUSED_MS: DurationMs = 30 * 24 * 3_600_000;
/** What is deleted in one step: calls, rows of each other sort, posts. Media waits meanwhile. */
const AT_ONCE = 50;
const POSTS_AT_ONCE = 200;
/** Steps of one call: at some thousand chats an hour a fraction of them is enough. */
const MOST_STEPS = 20;

/**
 * Deletes what of Dynamics is not needed any more, a great deal of it in several calls; called after each pass, it keeps up
 * with what comes in.
 *
 * @param keepRowsFrom - rows of conversations that were closed before go; by Dynamics' clock.
 */
export async function deleteOldRows(
  buffer: Pick<CallBuffer, "dynamicsRetention" | "commit">,
  keepRowsFrom: EpochMs,
  now: EpochMs,
): Promise<void> {
  const { dynamicsRetention: retention } = buffer;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const deleted = await buffer.commit(
      () =>
        retention.deleteRows(keepRowsFrom, AT_ONCE) +
        retention.deletePosts("mapped", now - KEEP_MAPPED_MS, POSTS_AT_ONCE) +
        retention.deletePosts("refused", now - KEEP_REFUSED_MS, POSTS_AT_ONCE),
    );
    if (deleted === 0) return;
  }
}
