import type { CallEventType } from "#shared/api/call-event.ts";
import { reasonText } from "./coverage-words.ts";
import { catalogue } from "./language.ts";

type CallState = "ring" | "talk" | "conference" | "consult" | "hold" | "wrap-up";
interface Stretch {
  state: string;
  reason?: string | undefined;
  by?: string | undefined;
}
interface CallWords {
  events: Record<CallEventType, string>;
  states: Record<CallState, string>;
  /** Why a screen has no true picture, e.g. `No picture: connection lost`. */
  stretch: (stretch: Stretch) => string;
  screens: (count: number) => string;
}

export const callWords = catalogue<CallWords>(
  {
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
      return described(states[state] ?? state, reason, by === undefined ? "" : `by ${by}`);
    },
    screens: (count) => `${count} ${count === 1 ? "screen" : "screens"}`,
  },
  {
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
      return described(states[state] ?? state, reason, by === undefined ? "" : `durch ${by}`);
    },
    screens: (count) => (count === 1 ? "1 Bildschirm" : `${count} Bildschirme`),
  },
);

function described(state: string, reason: string | undefined, by: string): string {
  const why = reason === undefined ? "" : reasonText(reason);
  const detail = [why, by].filter((text) => text !== "").join(", ");
  return detail === "" ? state : `${state}: ${detail}`;
}
