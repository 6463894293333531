/**
 * The moment that an address' fragment names, in ms: `#t=754.2`, `#t=12:34` or `#t=1:02:34.5`; null when it names none.
 */
export function parseMoment(fragment: string): number | null {
  const time = new URLSearchParams(fragment.replace(/^#/, "")).get("t");
  if (time === null || !/^(\d{1,4}:)?(\d{1,5}:)?\d{1,7}(\.\d{1,3})?$/.test(time)) return null;
  const seconds = time.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return Math.round(seconds * 1_000);
}

/** The fragment of a moment, to the tenth of a second: `#t=754.2`. */
export function momentFragment(positionMs: number): string {
  return `#t=${Math.max(0, Math.floor(positionMs / 100) / 10)}`;
}
