import type { DurationMs } from "#shared/time/units.ts";
import type { DisplaySource } from "./ports.ts";

/** Monitors have settled when nothing was heard of them for this long. */
const QUIET_MS: DurationMs = 200;
/** They are looked at, settled or not, this long after the first word. */
const PATIENCE_MS: DurationMs = 1_000;
/** How often they are looked at without any word: Chromium says nothing when another monitor becomes the primary one. */
const LOOK_EVERY_MS: DurationMs = 2_000;

/**
 * The same monitors, but a change is told once it is over, and only if there is one: docking a laptop is a storm of events,
 * with states in between that nobody should be told of.
 */
export function settledDisplays(source: DisplaySource): DisplaySource {
  return {
    displays: () => source.displays(),
    onChange(listener) {
      let known = JSON.stringify(source.displays());
      let quiet: NodeJS.Timeout | undefined;
      let patience: NodeJS.Timeout | undefined;
      const look = () => {
        clearTimeout(quiet);
        clearTimeout(patience);
        patience = undefined;
        const now = JSON.stringify(source.displays());
        if (now === known) return;
        known = now;
        listener();
      };
      const stopHearing = source.onChange(() => {
        clearTimeout(quiet);
        quiet = setTimeout(look, QUIET_MS);
        patience ??= setTimeout(look, PATIENCE_MS);
      });
      const timer = setInterval(() => {
        if (patience === undefined) look();
      }, LOOK_EVERY_MS);
      return () => {
        stopHearing();
        clearInterval(timer);
        clearTimeout(quiet);
        clearTimeout(patience);
      };
    },
  };
}
