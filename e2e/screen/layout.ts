/** Where the test screen shows what it can be measured by; CSS pixels from the top left corner, at scale 1. */

/** The bar code: a row of `BAR_CODE_CELLS` cells. */
export const BAR_CODE = { left: 8, top: 8, cell: 20 } as const;

/** The lamp that flashes: black, and white for {@link FLASH_MS} from every multiple of {@link FLASH_EVERY_MS}. */
export const LAMP = { left: 1080, top: 8, width: 180, height: 60 } as const;

export const FLASH_EVERY_MS = 5_000;

/** Long enough that a capture of 5 pictures a second cannot miss it. */
export const FLASH_MS = 1_000;

/** How often the test screen changes where a test does not say: twice as often as pictures are taken. */
export const REPAINT_EVERY_MS = 100;
