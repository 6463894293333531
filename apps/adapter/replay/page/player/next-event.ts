/** So near before a position its own event is passed over: the second press must not stay. */
const AT_IT_MS = 400;

/**
 * Where the next or the previous event is; null when there is none.
 *
 * @param offsets - of the events, in any order.
 */
export function eventBeside(offsets: readonly number[], positionMs: number, way: 1 | -1): number | null {
  const beside =
    way === 1
      ? offsets.filter((at) => at > positionMs).toSorted((a, b) => a - b)
      : offsets.filter((at) => at < positionMs - AT_IT_MS).toSorted((a, b) => b - a);
  return beside[0] ?? null;
}
