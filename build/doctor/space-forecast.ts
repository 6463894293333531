/** What fills a call buffer, and what empties it. */
export interface SpaceOutlook {
  /** Bytes that can still be written before nothing is recorded any more. */
  roomBytes: number;
  /** Written in an hour at the present rate. */
  bytesPerHour: number;
  /** What is handed off goes after so many hours. */
  keepHours: number;
  /** What is handed off already: when it goes, in hours from now. */
  due: readonly { inHours: number; bytes: number }[];
}

/**
 * In how many hours the room is used up if it goes on like now; null: never, as what comes is handed off and goes as fast.
 *
 * What has not been handed off yet is taken to stay, what comes from now on to be handed off at once.
 */
export function hoursUntilFull({ roomBytes, bytesPerHour, keepHours, due }: SpaceOutlook): number | null {
  if (bytesPerHour <= 0) return null;
  let freed = 0;
  for (const { inHours, bytes } of [...due].sort((left, right) => left.inHours - right.inHours)) {
    const until = (roomBytes + freed) / bytesPerHour;
    if (until < Math.max(inHours, 0)) return Math.max(0, until) < keepHours ? Math.max(0, until) : null;
    freed += bytes;
  }
  const until = (roomBytes + freed) / bytesPerHour;
  // From then on as much goes as comes.
  return until < keepHours ? Math.max(0, until) : null;
}
