import type { CoverageWord, GapReason } from "#shared/api/coverage.ts";
import { catalogue } from "./language.ts";

interface CoverageWords {
  words: Record<CoverageWord, string>;
  /** Why a screen has no picture for a while, or a call no screen or sound at all. */
  reasons: Record<GapReason | "no-screen" | "no-audio", string>;
}

/** How completely something was recorded. */
export const coverageWords = catalogue<CoverageWords>(
  {
    words: { recorded: "Complete", partial: "Partly recorded", "not-recorded": "Not recorded" },
    reasons: {
      "late-start": "recording began late",
      "desktop-offline": "the desktop was offline",
      "connection-lost": "connection lost",
      "recorder-restart": "the recorder restarted",
      "media-worker-restart": "the recorder's media part restarted",
      "desktop-updated": "Deskreel was updated on the desktop",
      "session-locked": "the desktop was locked",
      "session-disconnected": "the desktop session was disconnected",
      "monitor-off": "the monitor was off",
      "no-key-frame": "no complete picture arrived",
      loss: "the network lost it",
      "disk-full": "the recorder's disk was full",
      "events-late": "the call was known too late",
      "desktop-error": "the desktop could not record",
      "no-screen": "no screen arrived",
      "no-audio": "no sound",
    },
  },
  {
    words: {
      recorded: "Vollständig",
      partial: "Teilweise aufgezeichnet",
      "not-recorded": "Nicht aufgezeichnet",
    },
    reasons: {
      "late-start": "Aufnahme begann später",
      "desktop-offline": "Arbeitsplatz nicht verbunden",
      "connection-lost": "Verbindung abgerissen",
      "recorder-restart": "Recorder neu gestartet",
      "media-worker-restart": "Medienteil des Recorders neu gestartet",
      "desktop-updated": "Deskreel am Arbeitsplatz aktualisiert",
      "session-locked": "Arbeitsplatz gesperrt",
      "session-disconnected": "Sitzung getrennt",
      "monitor-off": "Monitor ausgeschaltet",
      "no-key-frame": "kein vollständiges Bild angekommen",
      loss: "im Netz verloren",
      "disk-full": "Platte des Recorders voll",
      "events-late": "Anruf zu spät bekannt",
      "desktop-error": "Arbeitsplatz konnte nicht aufnehmen",
      "no-screen": "kein Bildschirm angekommen",
      "no-audio": "kein Ton",
    },
  },
);

/** A reason in words; one that we have none for as the recorder named it. */
export function reasonText(reason: string): string {
  const reasons: Readonly<Record<string, string>> = coverageWords().reasons;
  return reasons[reason] ?? reason.replaceAll("-", " ");
}
