/**
 * The bar code of a wall-clock instant that the test screen shows, so that a recorded picture can say when it was
 * painted: one row of square cells, white = 1, black = 0: a marker `10`, 42 bits of epoch ms (most significant first),
 * 6 bits of checksum, a marker `01`.
 */
import type { EpochMs } from "#shared/time/units.ts";

export const BAR_CODE_CELLS = 52;
const TIME_BITS = 42;
const CHECK_BITS = 6;
const CHECK_MODULUS = 61;
const LEAD = "10";
const TAIL = "01";

/** The cells of an instant (whole ms), left to right. */
export function encodeBarCode(at: EpochMs): boolean[] {
  const time = at.toString(2).padStart(TIME_BITS, "0");
  const check = (at % CHECK_MODULUS).toString(2).padStart(CHECK_BITS, "0");
  return Array.from(`${LEAD}${time}${check}${TAIL}`, (bit) => bit === "1");
}

/** @returns the instant in epoch ms, or null when markers or checksum do not fit (a torn or smeared picture). */
export function decodeBarCode(cells: readonly boolean[]): EpochMs | null {
  const bits = cells.map((cell) => (cell ? "1" : "0")).join("");
  if (bits.length !== BAR_CODE_CELLS || !bits.startsWith(LEAD) || !bits.endsWith(TAIL)) return null;
  const at = Number.parseInt(bits.slice(LEAD.length, LEAD.length + TIME_BITS), 2);
  const check = Number.parseInt(bits.slice(LEAD.length + TIME_BITS, -TAIL.length), 2);
  return at % CHECK_MODULUS === check ? at : null;
}
