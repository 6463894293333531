import type { CoverageInterval, GapReason } from "#shared/api/coverage.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** What a card says in the place of pictures that there are none of. */
export interface CardText {
  title: string;
  /** How long. */
  detail: string;
}

const GAP_TITLES: Readonly<Record<GapReason, string>> = {
  "late-start": "Waiting for the screen",
  "desktop-offline": "Desktop not connected",
  "connection-lost": "Connection lost",
  "recorder-restart": "Recorder restarted",
  "media-worker-restart": "Recorder restarted",
  "desktop-updated": "Desktop app updated",
  "session-locked": "Session locked",
  "session-disconnected": "Session disconnected",
  "monitor-off": "Monitor off",
  "no-key-frame": "No picture from the desktop",
  loss: "Pictures lost on the network",
  "disk-full": "Recorder's disk full",
  "events-late": "Call became known too late",
  "desktop-error": "Desktop could not capture",
};

/** e.g. `Paused by admin`, `12 s`. */
export function describeCard(stretch: CoverageInterval, durationMs: DurationMs): CardText {
  return { title: titleOf(stretch), detail: formatLength(durationMs) };
}

function titleOf({ state, reason = "", by }: CoverageInterval): string {
  if (state === "paused") return by === undefined ? "Paused" : `Paused by ${by}`;
  if (state === "masked") return "Masked";
  return isGapReason(reason) ? GAP_TITLES[reason] : "No picture";
}

/** A newer recorder may give reasons that this adapter does not know. */
function isGapReason(reason: string): reason is GapReason {
  return Object.hasOwn(GAP_TITLES, reason);
}

/** `12 s`, `3 min 5 s`, `1 h 2 min`. */
function formatLength(ms: DurationMs): string {
  const seconds = Math.round(ms / 1_000);
  const [h, min, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}
