import type { AbsenceDetail, CoverageWord, NotRecordedReason } from "#shared/api/coverage.ts";
import { catalogue } from "./language.ts";

interface CoverageWords {
  words: Record<CoverageWord, string>;
  /** Below a heading that says what it is about. */
  brief: Record<CoverageWord, string>;
  /** Why a screen has no picture for a while, or a call no screen or sound at all. */
  reasons: Record<NotRecordedReason | "no-screen" | "no-recording" | "no-audio", string>;
  /** What more is known of a reason. */
  details: Record<AbsenceDetail, string>;
}

/** How completely something was recorded. */
export const coverageWords = catalogue<CoverageWords>(
  {
    words: { recorded: "Complete", partial: "Partly recorded", "not-recorded": "Not recorded" },
    brief: { recorded: "Completely", partial: "Partly", "not-recorded": "Not at all" },
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
      "not-answered": "not answered",
      "not-sampled": "not among the calls to be recorded",
      "too-short": "too short to be kept",
      paused: "paused",
      "no-screen": "no screen arrived",
      "no-recording": "no recorder knew of the call",
      "no-audio": "no sound",
    },
    details: {
      "never-enrolled": "no desktop has ever been this agent's",
      "waits-for-approval": "the agent's desktop waits for approval",
      revoked: "the agent's desktop was revoked",
      "recorder-started-later": "the recorder was started after the call had begun",
    },
  },
  {
    words: {
      recorded: "Vollständig",
      partial: "Teilweise aufgezeichnet",
      "not-recorded": "Nicht aufgezeichnet",
    },
    brief: { recorded: "Vollständig", partial: "Teilweise", "not-recorded": "Keine" },
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
      "not-answered": "nicht angenommen",
      "not-sampled": "nicht unter den aufzuzeichnenden Anrufen",
      "too-short": "zu kurz, um behalten zu werden",
      paused: "pausiert",
      "no-screen": "kein Bildschirm angekommen",
      "no-recording": "kein Recorder wusste von dem Anruf",
      "no-audio": "kein Ton",
    },
    details: {
      "never-enrolled": "für den Agenten gab es nie einen Arbeitsplatz",
      "waits-for-approval": "der Arbeitsplatz des Agenten wartet auf Freigabe",
      revoked: "dem Arbeitsplatz des Agenten wurde die Zulassung entzogen",
      "recorder-started-later": "der Recorder startete erst nach Beginn des Anrufs",
    },
  },
);

/** A reason in words; one that we have none for as the recorder named it. */
export function reasonText(reason: string): string {
  const reasons: Readonly<Record<string, string>> = coverageWords().reasons;
  return reasons[reason] ?? reason.replaceAll("-", " ");
}

/** What more is known of a reason, in words. */
export function detailText(detail: string): string {
  const details: Readonly<Record<string, string>> = coverageWords().details;
  return details[detail] ?? detail.replaceAll("-", " ");
}
