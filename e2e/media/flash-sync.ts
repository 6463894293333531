import type { EpochMs } from "#shared/time/units.ts";
import type { Flash } from "../screen/server.ts";
import { FLASH_EVERY_MS } from "../screen/layout.ts";
import { readBeeps } from "./read-beeps.ts";
import { readLamp } from "./read-screen.ts";

/** How far sound and picture of a file may be apart. */
export const SYNC_TOLERANCE_MS = 40;

/** Where a flash lies in a file; ms from its start, NaN for a picture that is not there. */
export interface PlacedFlash {
  /** By the sound: the beep's place, and how much later than the beep the page lit the lamp, and it was on the screen. */
  heardLitMs: number;
  heardShownMs: number;
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
  flashes: readonly Flash[],
): Promise<PlacedFlash[]> {
  const pictures = await readLamp(file);
  const beeps = await readBeeps(file);
  return beeps.flatMap((beepMs) => {
    const flash = flashes.find(({ litAt }) => Math.abs(litAt - startedAt - beepMs) < FLASH_EVERY_MS / 2);
    if (flash === undefined) return [];
    const heardLitMs = beepMs + (flash.litAt % FLASH_EVERY_MS);
    const heardShownMs = heardLitMs + flash.shownAt - flash.litAt;
    const first = pictures.find(
      ({ ptsMs, value }) => value && Math.abs(ptsMs - heardLitMs) < FLASH_EVERY_MS / 2,
    );
    const last = pictures.findLast(({ ptsMs, value }) => !value && ptsMs < (first?.ptsMs ?? 0));
    return [
      {
        ...{ heardLitMs, heardShownMs },
        ...{ darkMs: last?.ptsMs ?? Number.NaN, litMs: first?.ptsMs ?? Number.NaN },
      },
    ];
  });
}

/**
 * Whether the beep lies at the flash: no picture shows the lamp before the sound says that it was lit, none without it
 * comes after the sound says that it could be seen.
 */
export function isInSync({ heardLitMs, heardShownMs, darkMs, litMs }: PlacedFlash): boolean {
  return litMs >= heardLitMs - SYNC_TOLERANCE_MS && darkMs <= heardShownMs + SYNC_TOLERANCE_MS;
}
