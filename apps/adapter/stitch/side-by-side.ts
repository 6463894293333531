/**
 * Runs jobs, so many at once, in their order. The first that fails ends the others, which are waited for, so that nothing
 * runs on when this has settled.
 *
 * @param jobs - each is to end soon when its signal aborts.
 * @returns what they settled with, in their order.
 * @throws what the first one failed with.
 */
export async function runSideBySide<Result>(
  most: number,
  jobs: readonly ((signal: AbortSignal) => Promise<Result>)[],
  signal: AbortSignal,
): Promise<Result[]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const results: Result[] = [];
  const waiting = jobs.entries();
  let failure: { cause: unknown } | null = null;
  const work = async () => {
    for (const [index, job] of waiting) {
      if (either.aborted) return;
      try {
        results[index] = await job(either);
      } catch (cause) {
        failure ??= { cause };
        stop.abort(cause);
      }
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  if (failure !== null) throw (failure as { cause: unknown }).cause;
  signal.throwIfAborted();
  return results;
}
