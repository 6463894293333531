/** Property tests take the same walk every time, so that main is not green by luck; `DESKREEL_SEED` takes another. */
import fc from "fast-check";

export const SEED = Number(process.env["DESKREEL_SEED"] ?? 20_261_122);

fc.configureGlobal({ seed: SEED });
