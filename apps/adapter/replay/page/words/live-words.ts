import type { CallState } from "#shared/archive/call-stretches.ts";
import { catalogue } from "./language.ts";

interface LiveWords {
  title: string;
  lead: string;
  /** How many calls there are now. */
  count: (calls: number) => string;
  none: string;
  noneHint: string;
  columns: Record<"agent" | "customer" | "since" | "state" | "picture", string>;
  states: Record<CallState, string>;
  directions: Readonly<Record<string, string>>;
  unknownCustomer: string;
  ended: (at: string) => string;
  lastKnown: (at: string) => string;
  play: string;
  /** Of a call, for who does not see its row. */
  playCall: (customer: string) => string;
  notYetPlayable: string;
  captured: (screens: number) => string;
  rate: (frames: string, kbit: string) => string;
  alsoMissing: (reason: string) => string;
  gap: (reason: string) => string;
  /** Of a gap or a pause. */
  lasting: (since: string) => string;
  waiting: string;
  paused: (why: string) => string;
  askers: Readonly<Record<string, string>>;
  failed: string;
  stale: (age: string, problem: string) => string;
  recorders: string;
  reachable: string;
  unreachable: string;
  answeredLast: (at: string) => string;
  neverAnswered: string;
  noRecorders: string;
  free: (bytes: string, reserve: string) => string;
  used: (bytes: string, quota: string) => string;
  waitingForHandoff: (count: number) => string;
  refused: (count: number) => string;
  idle: string;
  idleCount: (count: number) => string;
  monitors: (count: number) => string;
  idleSince: (at: string) => string;
}

/** Who is recorded now. */
export const liveWords = catalogue<LiveWords>(
  {
    title: "Live",
    lead: "Who is recorded now. Screens and sound can be played once the call is over.",
    count: (calls) => (calls === 1 ? "1 call is under way" : `${calls} calls are under way`),
    none: "Nobody is recorded now",
    noneHint: "Calls appear here by themselves as soon as they ring.",
    columns: {
      ...{ agent: "Agent", customer: "Call", since: "Since", state: "Phase" },
      picture: "Screens",
    },
    states: {
      ...{ ring: "Ringing", talk: "Talk", conference: "Conference", consult: "Consult" },
      ...{ hold: "Hold", "wrap-up": "Wrap-up" },
    },
    directions: { inbound: "inbound", outbound: "outbound" },
    unknownCustomer: "unknown number",
    ended: (at) => `Ended ${at}`,
    lastKnown: (at) => `last known at ${at}`,
    play: "Play",
    playCall: (customer) => `Play the call of ${customer}`,
    notYetPlayable: "Cannot be played yet",
    captured: (screens) => `${screens} ${screens === 1 ? "screen" : "screens"}`,
    rate: (frames, kbit) => `${frames} frames/s · ${kbit} kbit/s`,
    alsoMissing: (reason) => `another has no picture: ${reason}`,
    gap: (reason) => `No picture: ${reason}`,
    lasting: (since) => `since ${since}`,
    waiting: "The first picture is awaited",
    paused: (why) => `Paused: ${why}`,
    askers: { admin: "by an administrator", integration: "by a connected system" },
    failed: "What is recorded now could not be loaded",
    stale: (age, problem) => `This is ${age} old. ${problem}`,
    recorders: "Recorders",
    reachable: "answers",
    unreachable: "does not answer",
    answeredLast: (at) => `last answer ${at}`,
    neverAnswered: "has not answered yet",
    noRecorders: "No recorder is configured.",
    free: (bytes, reserve) => `${bytes} free, ${reserve} are kept free`,
    used: (bytes, quota) => `${bytes} of ${quota} used`,
    waitingForHandoff: (count) =>
      count === 0
        ? "no recording waits to be handed over"
        : count === 1
          ? "1 recording waits to be handed over"
          : `${count} recordings wait to be handed over`,
    refused: (count) => `${count} of them cannot be taken over`,
    idle: "Ready desktops",
    idleCount: (count) =>
      count === 1
        ? "1 desktop is connected without a call"
        : `${count} desktops are connected without a call`,
    monitors: (count) => (count === 1 ? "1 monitor" : `${count} monitors`),
    idleSince: (at) => `since ${at}`,
  },
  {
    title: "Live",
    lead: "Wer gerade aufgezeichnet wird. Bildschirme und Ton sind abspielbar, wenn der Anruf vorbei ist.",
    count: (calls) => (calls === 1 ? "1 Anruf läuft gerade" : `${calls} Anrufe laufen gerade`),
    none: "Gerade wird niemand aufgezeichnet",
    noneHint: "Anrufe erscheinen hier von selbst, sobald es klingelt.",
    columns: {
      ...{ agent: "Agent", customer: "Anruf", since: "Seit", state: "Phase" },
      picture: "Bildschirme",
    },
    states: {
      ...{ ring: "Klingelt", talk: "Gespräch", conference: "Konferenz", consult: "Rückfrage" },
      ...{ hold: "Gehalten", "wrap-up": "Nachbearbeitung" },
    },
    directions: { inbound: "eingehend", outbound: "ausgehend" },
    unknownCustomer: "unbekannte Nummer",
    ended: (at) => `Beendet ${at}`,
    lastKnown: (at) => `zuletzt bekannt um ${at}`,
    play: "Abspielen",
    playCall: (customer) => `Den Anruf von ${customer} abspielen`,
    notYetPlayable: "Noch nicht abspielbar",
    captured: (screens) => (screens === 1 ? "1 Bildschirm" : `${screens} Bildschirme`),
    rate: (frames, kbit) => `${frames} Bilder/s · ${kbit} kbit/s`,
    alsoMissing: (reason) => `ein weiterer ohne Bild: ${reason}`,
    gap: (reason) => `Kein Bild: ${reason}`,
    lasting: (since) => `seit ${since}`,
    waiting: "Das erste Bild steht noch aus",
    paused: (why) => `Angehalten: ${why}`,
    askers: { admin: "durch die Verwaltung", integration: "durch ein angeschlossenes System" },
    failed: "Was gerade aufgezeichnet wird, konnte nicht geladen werden",
    stale: (age, problem) => `Dies ist ${age} alt. ${problem}`,
    recorders: "Recorder",
    reachable: "antwortet",
    unreachable: "antwortet nicht",
    answeredLast: (at) => `letzte Antwort ${at}`,
    neverAnswered: "hat noch nicht geantwortet",
    noRecorders: "Es ist kein Recorder eingerichtet.",
    free: (bytes, reserve) => `${bytes} frei, ${reserve} bleiben frei`,
    used: (bytes, quota) => `${bytes} von ${quota} belegt`,
    waitingForHandoff: (count) =>
      count === 0
        ? "keine Aufnahme wartet auf die Übergabe"
        : count === 1
          ? "1 Aufnahme wartet auf die Übergabe"
          : `${count} Aufnahmen warten auf die Übergabe`,
    refused: (count) => `${count} davon können nicht übernommen werden`,
    idle: "Bereite Arbeitsplätze",
    idleCount: (count) =>
      count === 1
        ? "1 Arbeitsplatz ist verbunden, ohne Anruf"
        : `${count} Arbeitsplätze sind verbunden, ohne Anruf`,
    monitors: (count) => (count === 1 ? "1 Monitor" : `${count} Monitore`),
    idleSince: (at) => `seit ${at}`,
  },
);
