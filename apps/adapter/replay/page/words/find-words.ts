import type { LifeStretch } from "../../../domain/call-life.ts";
import type { Period, Sort } from "../find/filters.ts";
import { catalogue } from "./language.ts";

interface FindWords {
  title: string;
  search: string;
  searchHint: string;
  periods: Record<Period, string>;
  period: string;
  ownPeriod: string;
  from: string;
  to: string;
  agent: string;
  allAgents: string;
  queue: string;
  allQueues: string;
  direction: string;
  allDirections: string;
  directions: Record<string, string>;
  customer: string;
  minDuration: string;
  anyDuration: string;
  atLeast: (minutes: number) => string;
  coverage: string;
  anyCoverage: string;
  sort: string;
  sorts: Record<Sort, string>;
  moreFilters: string;
  attribute: string;
  attributeHint: string;
  addAttribute: string;
  remove: (what: string) => string;
  clear: string;
  noMatch: string;
  noMatchHint: string;
  noCalls: string;
  noCallsHint: string;
  pressPlaceCall: string;
  loading: string;
  failed: string;
  tryAgain: string;
  tryingAgain: string;
  columns: Record<
    "poster" | "time" | "length" | "life" | "agents" | "customer" | "queue" | "screens" | "recorded",
    string
  >;
  screens: (count: number) => string;
  calls: (count: string, isOne: boolean) => string;
  lifeStates: Record<LifeStretch["state"], string>;
  strip: string;
  stripHint: string;
  stripValue: (span: string, calls: string) => string;
  wholePeriod: string;
  suggestions: (count: number) => string;
  noSuggestion: string;
  placeCall: string;
  calling: string;
  callRuns: (passed: string, takesS: number) => string;
  callIsArchived: (passed: string, takesS: number) => string;
  callIsLost: string;
}

/** Finding interactions. */
export const findWords = catalogue<FindWords>(
  {
    title: "Interactions",
    search: "Search calls",
    searchHint: "Customer, queue, agent …",
    periods: {
      "": "Any time",
      today: "Today",
      yesterday: "Yesterday",
      "7d": "Last 7 days",
      "30d": "Last 30 days",
    },
    period: "Time",
    ownPeriod: "From … to …",
    from: "From",
    to: "To",
    agent: "Agent",
    allAgents: "All agents",
    queue: "Queue",
    allQueues: "All queues",
    direction: "Direction",
    allDirections: "In and out",
    directions: { inbound: "Inbound", outbound: "Outbound" },
    customer: "Customer (whole number)",
    minDuration: "Length",
    anyDuration: "Any length",
    atLeast: (minutes) => `≥ ${minutes} min`,
    coverage: "How completely recorded",
    anyCoverage: "Complete or not",
    sort: "Order",
    sorts: {
      "-startedAt": "Newest first",
      startedAt: "Oldest first",
      "-durationMs": "Longest first",
      durationMs: "Shortest first",
    },
    moreFilters: "More filters",
    attribute: "Attribute",
    attributeHint: "name:value",
    addAttribute: "Add",
    remove: (what) => `Remove ${what}`,
    clear: "Clear the filters",
    noMatch: "No call matches",
    noMatchHint: "Fewer filters or a longer time find more.",
    noCalls: "No calls yet",
    noCallsHint: "A call appears here by itself, soon after its agent is available again.",
    pressPlaceCall: "Press “Place a call”: a scripted call takes about 30 s and appears here by itself.",
    loading: "Loading…",
    failed: "The list could not be loaded",
    tryAgain: "Try again",
    tryingAgain: "Trying again…",
    columns: {
      ...{ poster: "Picture", time: "Time", length: "Length", life: "Course", agents: "Agents" },
      ...{ customer: "Customer", queue: "Queue", screens: "Screens", recorded: "Recorded" },
    },
    screens: (count) => `${count} ${count === 1 ? "screen" : "screens"}`,
    calls: (count, isOne) => `${count} ${isOne ? "call" : "calls"}`,
    lifeStates: {
      ...{ ring: "ring", talk: "talk", hold: "hold", consult: "consult", conference: "conference" },
      ...{ "wrap-up": "wrap-up", gap: "not recorded" },
    },
    strip: "Calls over time",
    stripHint: "Drag to narrow. Keys: arrows move, Shift and arrows mark, Enter narrows, Escape gives up.",
    stripValue: (span, calls) => `${span}: ${calls}`,
    wholePeriod: "Whole time",
    suggestions: (count) => `${count} ${count === 1 ? "suggestion" : "suggestions"}`,
    noSuggestion: "Nothing like that",
    placeCall: "Place a call",
    calling: "Calling…",
    callRuns: (passed, takesS) =>
      `The call is running (${passed}). It takes about ${takesS} s and then appears here.`,
    callIsArchived: (passed, takesS) =>
      `The call is being archived (${passed}). It takes about ${takesS} s and then appears here.`,
    callIsLost: "The call has not appeared within three minutes; the terminal of npm start says why.",
  },
  {
    title: "Interaktionen",
    search: "Anrufe suchen",
    searchHint: "Kunde, Warteschlange, Agent …",
    periods: {
      "": "Jederzeit",
      today: "Heute",
      yesterday: "Gestern",
      "7d": "Letzte 7 Tage",
      "30d": "Letzte 30 Tage",
    },
    period: "Zeit",
    ownPeriod: "Von … bis …",
    from: "Von",
    to: "Bis",
    agent: "Agent",
    allAgents: "Alle Agenten",
    queue: "Warteschlange",
    allQueues: "Alle Warteschlangen",
    direction: "Richtung",
    allDirections: "Ein und aus",
    directions: { inbound: "Eingehend", outbound: "Ausgehend" },
    customer: "Kunde (ganze Nummer)",
    minDuration: "Länge",
    anyDuration: "Jede Länge",
    atLeast: (minutes) => `≥ ${minutes} min`,
    coverage: "Wie vollständig aufgezeichnet",
    anyCoverage: "Jede Aufnahme",
    sort: "Reihenfolge",
    sorts: {
      "-startedAt": "Neueste zuerst",
      startedAt: "Älteste zuerst",
      "-durationMs": "Längste zuerst",
      durationMs: "Kürzeste zuerst",
    },
    moreFilters: "Weitere Filter",
    attribute: "Merkmal",
    attributeHint: "Name:Wert",
    addAttribute: "Hinzufügen",
    remove: (what) => `${what} entfernen`,
    clear: "Filter löschen",
    noMatch: "Kein Anruf passt",
    noMatchHint: "Weniger Filter oder mehr Zeit finden mehr.",
    noCalls: "Noch keine Anrufe",
    noCallsHint: "Ein Anruf erscheint hier von selbst, kurz nachdem sein Agent wieder verfügbar ist.",
    pressPlaceCall:
      "„Anruf auslösen“ drücken: Ein vorbereiteter Anruf dauert etwa 30 s und erscheint hier von selbst.",
    loading: "Lädt…",
    failed: "Die Liste konnte nicht geladen werden",
    tryAgain: "Erneut versuchen",
    tryingAgain: "Neuer Versuch…",
    columns: {
      ...{ poster: "Bild", time: "Zeit", length: "Länge", life: "Verlauf", agents: "Agenten" },
      ...{ customer: "Kunde", queue: "Warteschlange", screens: "Bildschirme", recorded: "Aufnahme" },
    },
    screens: (count) => (count === 1 ? "1 Bildschirm" : `${count} Bildschirme`),
    calls: (count, isOne) => `${count} ${isOne ? "Anruf" : "Anrufe"}`,
    lifeStates: {
      ...{
        ring: "Klingeln",
        talk: "Gespräch",
        hold: "Gehalten",
        consult: "Rückfrage",
        conference: "Konferenz",
      },
      ...{ "wrap-up": "Nachbearbeitung", gap: "nicht aufgezeichnet" },
    },
    strip: "Anrufe im Verlauf der Zeit",
    stripHint:
      "Ziehen grenzt ein. Tasten: Pfeile bewegen, Umschalt und Pfeile markieren, Enter grenzt ein, Escape bricht ab.",
    stripValue: (span, calls) => `${span}: ${calls}`,
    wholePeriod: "Ganze Zeit",
    suggestions: (count) => (count === 1 ? "1 Vorschlag" : `${count} Vorschläge`),
    noSuggestion: "Nichts dergleichen",
    placeCall: "Anruf auslösen",
    calling: "Ruft an…",
    callRuns: (passed, takesS) =>
      `Der Anruf läuft (${passed}). Er dauert etwa ${takesS} s und erscheint dann hier.`,
    callIsArchived: (passed, takesS) =>
      `Der Anruf wird archiviert (${passed}). Er dauert etwa ${takesS} s und erscheint dann hier.`,
    callIsLost: "Der Anruf ist nach drei Minuten nicht erschienen; das Terminal von npm start sagt, warum.",
  },
);
