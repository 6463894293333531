/**
 * The bar code of a wall-clock instant that the test screen shows, so that a recorded picture can say when it was
 * painted: one row of square cells, white = 1, black = 0: a marker `10`, 42 bits of epoch ms (most significant first),
 * 6 bits of checksum, a marker `01`. The checksum tells screens apart that are shown side by side.
 */
import type { EpochMs } from "#shared/time/units.ts";

export const BAR_CODE_CELLS = 52;
const TIME_BITS = 42;
const CHECK_BITS = 6;
const CHECK_MODULUS = 61;
const LEAD = "10";
const TAIL = "01";
/** How far the checksums of two screens are apart. */
const CHECK_OF_SCREEN = 7;

/** The cells of an instant (whole ms) on a screen, left to right. */
export function encodeBarCode(at: EpochMs, screen = 0): boolean[] {
  const time = at.toString(2).padStart(TIME_BITS, "0");
  const check = checkOf(at, screen).toString(2).padStart(CHECK_BITS, "0");
  return Array.from(`${LEAD}${time}${check}${TAIL}`, (bit) => bit === "1");
}

/**
 * @param screen - whose code it should be.
 * @returns the instant in epoch ms, or null when markers or checksum do not fit (a torn or smeared picture).
 */
export function decodeBarCode(cells: readonly boolean[], screen = 0): EpochMs | null {
  const bits = cells.map((cell) => (cell ? "1" : "0")).join("");
  if (bits.length !== BAR_CODE_CELLS || !bits.startsWith(LEAD) || !bits.endsWith(TAIL)) return null;
  const at = Number.parseInt(bits.slice(LEAD.length, LEAD.length + TIME_BITS), 2);
  const check = Number.parseInt(bits.slice(LEAD.length + TIME_BITS, -TAIL.length), 2);
  return checkOf(at, screen) === check ? at : null;
}

function checkOf(at: EpochMs, screen: number): number {
  return (at + screen * CHECK_OF_SCREEN) % CHECK_MODULUS;
}
