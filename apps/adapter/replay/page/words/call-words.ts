import type { CallEventType } from "#shared/api/call-event.ts";
import type { CoverageWord, GapReason } from "#shared/api/coverage.ts";
import { catalogue } from "./language.ts";

type CallState = "ring" | "talk" | "conference" | "consult" | "hold" | "wrap-up";
interface Stretch {
  state: string;
  reason?: string | undefined;
  by?: string | undefined;
}
interface CallWords {
  coverage: Record<CoverageWord, string>;
  events: Record<CallEventType, string>;
  states: Record<CallState, string>;
  /** Why a screen has no true picture, e.g. `No picture: connection lost`. */
  stretch: (stretch: Stretch) => string;
  screens: (count: number) => string;
}

const EN_REASONS: Readonly<Record<GapReason, string>> = {
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
};

const DE_REASONS: Readonly<Record<GapReason, string>> = {
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
};

export const callWords = catalogue<CallWords>(
  {
    coverage: { recorded: "Complete", partial: "Partly recorded", "not-recorded": "Not recorded" },
    events: {
      ringing: "Ringing",
      "not-responding": "Did not answer",
      connected: "Connected",
      conferencing: "Conference",
      consulting: "Consulting",
      "consult-done": "Consult ended",
      "on-hold": "On hold",
      "hold-done": "Back from hold",
      "wrap-up": "Wrap-up",
      "agent-available": "Available again",
    },
    states: {
      ring: "Ring",
      talk: "Talk",
      conference: "Conference",
      consult: "Consult",
      hold: "Hold",
      "wrap-up": "Wrap-up",
    },
    stretch: ({ state, reason, by }) => {
      const states: Readonly<Record<string, string>> = {
        gap: "No picture",
        paused: "Paused",
        masked: "Masked",
        captured: "Recorded",
      };
      return described(states[state] ?? state, reason, by === undefined ? "" : `by ${by}`, EN_REASONS);
    },
    screens: (count) => `${count} ${count === 1 ? "screen" : "screens"}`,
  },
  {
    coverage: {
      recorded: "Vollständig",
      partial: "Teilweise aufgezeichnet",
      "not-recorded": "Nicht aufgezeichnet",
    },
    events: {
      ringing: "Klingelt",
      "not-responding": "Nicht angenommen",
      connected: "Verbunden",
      conferencing: "Konferenz",
      consulting: "Rückfrage",
      "consult-done": "Rückfrage beendet",
      "on-hold": "Gehalten",
      "hold-done": "Nicht mehr gehalten",
      "wrap-up": "Nachbearbeitung",
      "agent-available": "Wieder verfügbar",
    },
    states: {
      ring: "Klingelt",
      talk: "Gespräch",
      conference: "Konferenz",
      consult: "Rückfrage",
      hold: "Gehalten",
      "wrap-up": "Nachbearbeitung",
    },
    stretch: ({ state, reason, by }) => {
      const states: Readonly<Record<string, string>> = {
        gap: "Kein Bild",
        paused: "Angehalten",
        masked: "Verdeckt",
        captured: "Aufgezeichnet",
      };
      return described(states[state] ?? state, reason, by === undefined ? "" : `durch ${by}`, DE_REASONS);
    },
    screens: (count) => (count === 1 ? "1 Bildschirm" : `${count} Bildschirme`),
  },
);

/** A reason that we have no words for is told as the recorder named it. */
function described(
  state: string,
  reason: string | undefined,
  by: string,
  reasons: Readonly<Record<string, string>>,
): string {
  const why = reason === undefined ? "" : (reasons[reason] ?? reason.replaceAll("-", " "));
  const detail = [why, by].filter((text) => text !== "").join(", ");
  return detail === "" ? state : `${state}: ${detail}`;
}
