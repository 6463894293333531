import type { EpochMs } from "#shared/time/units.ts";
import { FLASH_EVERY_MS } from "../screen/layout.ts";
import { readBeeps } from "./read-beeps.ts";
import { readLamp } from "./read-screen.ts";

/** How far a flash's place in the sound may lie outside the two pictures between which the lamp was lit. */
export const SYNC_TOLERANCE_MS = 40;

/** Where a flash lies in a file; ms from its start, NaN for a picture that is not there. */
export interface PlacedFlash {
  /** By the sound: the beep's place, and how much later than the beep the page lit the lamp. */
  heardMs: number;
  /** The last picture without it and the first with it. */
  darkMs: number;
  litMs: number;
}

/**
 * Finds the flashes of a file that has both sound and picture of the test screen.
 *
 * @param startedAt - when the file begins.
 * @param flashes - when the page lit the lamp.
 */
export async function placeFlashes(
  file: string,
  startedAt: EpochMs,
  flashes: readonly EpochMs[],
): Promise<PlacedFlash[]> {
  const pictures = await readLamp(file);
  const beeps = await readBeeps(file);
  return beeps.flatMap((beepMs) => {
    const lit = flashes.find((flash) => Math.abs(flash - startedAt - beepMs) < FLASH_EVERY_MS / 2);
    if (lit === undefined) return [];
    const heardMs = beepMs + (lit % FLASH_EVERY_MS);
    const first = pictures.find(
      ({ ptsMs, value }) => value && Math.abs(ptsMs - heardMs) < FLASH_EVERY_MS / 2,
    );
    const last = pictures.findLast(({ ptsMs, value }) => !value && ptsMs < (first?.ptsMs ?? 0));
    return [{ heardMs, darkMs: last?.ptsMs ?? Number.NaN, litMs: first?.ptsMs ?? Number.NaN }];
  });
}
