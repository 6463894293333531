import type { Span } from "../coverage/coverage-query.ts";
import { catalogue } from "./language.ts";

interface LedgerWords {
  title: string;
  lead: string;
  day: string;
  dayBefore: string;
  dayAfter: string;
  span: string;
  spans: Record<Span, string>;
  word: string;
  anyWord: string;
  summary: (counts: { all: string; isOne: boolean; partial: string; notRecorded: string }) => string;
  reasons: string;
  allReasons: string;
  reasonCount: (calls: string, isOne: boolean, time: string) => string;
  /** What to do about a reason, or a detail of one. */
  advice: Readonly<Record<string, string>>;
  /** Of a reason's calls, those of which more is known. */
  detailCount: (calls: string, what: string) => string;
  noAdvice: string;
  columns: Record<"time" | "length" | "agents" | "customer" | "queue" | "recorded" | "missing", string>;
  nothingMissing: string;
  nothingMissingHint: string;
  noMatch: string;
  clear: string;
  more: string;
  failed: string;
}

/** The ledger: what was not recorded, and why. */
export const ledgerWords = catalogue<LedgerWords>(
  {
    title: "Coverage",
    lead: "What was not recorded, and why.",
    day: "Day",
    dayBefore: "Day before",
    dayAfter: "Day after",
    span: "How long",
    spans: { "1": "This day", "7": "7 days up to it", "30": "30 days up to it", "365": "The year up to it" },
    word: "How completely recorded",
    anyWord: "All that is incomplete",
    summary: ({ all, isOne, partial, notRecorded }) =>
      `${all} ${isOne ? "call" : "calls"}: ${partial} partly recorded, ${notRecorded} not recorded`,
    reasons: "Reasons",
    allReasons: "All reasons",
    reasonCount: (calls, isOne, time) => `${calls} ${isOne ? "call" : "calls"}, ${time}`,
    advice: {
      "late-start":
        "Call events came late or the desktop was slow. Look at the recorder's log and the machine's load.",
      "desktop-offline":
        "The desktop program did not run or could not reach the recorder. Check that it starts at sign-in, and the network.",
      "connection-lost":
        "The line between desktop and recorder broke. Check Wi-Fi, VPN and the firewall of that desktop.",
      "recorder-restart": "The recorder was restarted in a call. Restart it outside working hours.",
      "media-worker-restart":
        "A part of the recorder died and was replaced. If it comes again, send us the recorder's log.",
      "desktop-updated": "The desktop program was updated in a call. Let updates run outside working hours.",
      "session-locked":
        "The agent locked the desktop in the call. Nothing is wrong; a locked screen is not recorded.",
      "session-disconnected":
        "The remote session was left in the call. Nothing is wrong if the agent did so.",
      "monitor-off": "A monitor was off or unplugged. Nothing is wrong.",
      "no-key-frame": "Pictures came, but none that is whole. Look for packet loss at that desktop.",
      loss: "The network lost pictures. Check the line of that desktop, above all Wi-Fi.",
      "disk-full":
        "The recorder's disk was full. Add room, or hand off faster; `npm run doctor` says how long it lasts.",
      "events-late": "The call became known after it had begun. Check the webhook from Dynamics.",
      "desktop-error": "The desktop program could not capture. Look at its log at that desktop.",
      "not-answered": "The agent did not answer. Nothing is wrong.",
      "not-sampled":
        "The recorder is set to record some calls only (`recorder.policy.samplePercent`). Raise it to have more.",
      "too-short":
        "Shorter than `recorder.policy.minSessionS`, so its pictures were not kept. Lower it to have them.",
      paused: "Recording was paused for the whole call. Ask the agent, or who paused it.",
      "no-screen":
        "The recorder did not say why. Look the call up in its own ledger, `GET /v1/coverage` there.",
      "no-recording":
        "Only the sound came, from Dynamics. Check that the recorder ran, and that Dynamics' webhook reaches it (`npm run doctor`).",
      "never-enrolled":
        "Install Deskreel at this agent. If it is there, the agent has another name there: add it to the recorder's alias file.",
      "waits-for-approval":
        "Approve the desktop at the recorder (`GET /v1/desktops` lists it, `POST /v1/desktops/{id}/approve`).",
      revoked:
        "An admin has revoked it. Approve it again (`POST /v1/desktops/{id}/approve`) or give the agent another.",
      "recorder-started-later":
        "The recorder did not run when the call began. See that it starts with its machine, and restart it outside working hours.",
      "no-audio":
        "Dynamics gave no sound of the call. Check that recording is switched on there for the queue.",
    },
    detailCount: (calls, what) => `${calls}: ${what}.`,
    noAdvice: "The recorder's log says more.",
    columns: {
      ...{ time: "Time", length: "Length", agents: "Agents", customer: "Customer", queue: "Queue" },
      ...{ recorded: "Recorded", missing: "What is missing" },
    },
    nothingMissing: "Everything was recorded",
    nothingMissingHint: "All calls of this time are complete.",
    noMatch: "No call matches",
    clear: "Clear the filters",
    more: "More",
    failed: "The ledger could not be loaded",
  },
  {
    title: "Abdeckung",
    lead: "Was nicht aufgezeichnet wurde, und warum.",
    day: "Tag",
    dayBefore: "Tag davor",
    dayAfter: "Tag danach",
    span: "Wie lange",
    spans: {
      "1": "Dieser Tag",
      "7": "7 Tage bis dahin",
      "30": "30 Tage bis dahin",
      "365": "Das Jahr bis dahin",
    },
    word: "Wie vollständig aufgezeichnet",
    anyWord: "Alles Unvollständige",
    summary: ({ all, isOne, partial, notRecorded }) =>
      `${all} ${isOne ? "Anruf" : "Anrufe"}: ${partial} teilweise aufgezeichnet, ${notRecorded} nicht aufgezeichnet`,
    reasons: "Gründe",
    allReasons: "Alle Gründe",
    reasonCount: (calls, isOne, time) => `${calls} ${isOne ? "Anruf" : "Anrufe"}, ${time}`,
    advice: {
      "late-start":
        "Ereignisse kamen spät oder der Arbeitsplatz war langsam. Das Protokoll des Recorders und die Last ansehen.",
      "desktop-offline":
        "Das Programm am Arbeitsplatz lief nicht oder erreichte den Recorder nicht. Autostart und Netz prüfen.",
      "connection-lost":
        "Die Leitung zwischen Arbeitsplatz und Recorder riss ab. WLAN, VPN und Firewall dieses Platzes prüfen.",
      "recorder-restart":
        "Der Recorder wurde in einem Anruf neu gestartet. Außerhalb der Arbeitszeit neu starten.",
      "media-worker-restart":
        "Ein Teil des Recorders fiel aus und wurde ersetzt. Kommt es wieder, uns das Protokoll senden.",
      "desktop-updated":
        "Das Programm am Arbeitsplatz wurde in einem Anruf aktualisiert. Besser außerhalb der Arbeitszeit.",
      "session-locked":
        "Der Arbeitsplatz wurde im Anruf gesperrt. In Ordnung; gesperrt wird nicht aufgezeichnet.",
      "session-disconnected":
        "Die Sitzung wurde im Anruf verlassen. In Ordnung, wenn der Agent das selbst tat.",
      "monitor-off": "Ein Monitor war aus oder abgezogen. In Ordnung.",
      "no-key-frame": "Bilder kamen, aber kein vollständiges. Am Arbeitsplatz nach Paketverlust suchen.",
      loss: "Das Netz verlor Bilder. Die Leitung dieses Arbeitsplatzes prüfen, vor allem WLAN.",
      "disk-full":
        "Die Platte des Recorders war voll. Platz schaffen oder schneller übergeben; `npm run doctor` sagt, wie lange sie reicht.",
      "events-late": "Der Anruf wurde erst nach seinem Beginn bekannt. Den Webhook von Dynamics prüfen.",
      "desktop-error": "Das Programm am Arbeitsplatz konnte nicht aufnehmen. Sein Protokoll dort ansehen.",
      "not-answered": "Der Agent nahm nicht an. In Ordnung.",
      "not-sampled":
        "Der Recorder soll nur einen Teil der Anrufe aufzeichnen (`recorder.policy.samplePercent`). Für mehr erhöhen.",
      "too-short":
        "Kürzer als `recorder.policy.minSessionS`, daher ohne Bilder. Verringern, um sie zu behalten.",
      paused: "Die Aufnahme war den ganzen Anruf pausiert. Den Agenten fragen, oder wer sie pausiert hat.",
      "no-screen":
        "Der Recorder nannte keinen Grund. Den Anruf in seinem eigenen Verzeichnis nachsehen, `GET /v1/coverage` dort.",
      "no-recording":
        "Nur der Ton kam, von Dynamics. Prüfen, ob der Recorder lief und ihn der Webhook von Dynamics erreicht (`npm run doctor`).",
      "never-enrolled":
        "Deskreel bei diesem Agenten installieren. Ist es dort, heißt er dort anders: in die Alias-Datei des Recorders eintragen.",
      "waits-for-approval":
        "Den Arbeitsplatz am Recorder freigeben (`GET /v1/desktops` nennt ihn, `POST /v1/desktops/{id}/approve`).",
      revoked:
        "Ein Admin hat ihm die Zulassung entzogen. Wieder freigeben (`POST /v1/desktops/{id}/approve`) oder einen anderen geben.",
      "recorder-started-later":
        "Der Recorder lief bei Anrufbeginn nicht. Er soll mit seiner Maschine starten; Neustarts außerhalb der Arbeitszeit.",
      "no-audio":
        "Dynamics gab keinen Ton heraus. Prüfen, ob dort die Aufzeichnung für die Warteschlange an ist.",
    },
    detailCount: (calls, what) => `${calls}: ${what}.`,
    noAdvice: "Das Protokoll des Recorders sagt mehr.",
    columns: {
      ...{ time: "Zeit", length: "Länge", agents: "Agenten", customer: "Kunde", queue: "Warteschlange" },
      ...{ recorded: "Aufnahme", missing: "Was fehlt" },
    },
    nothingMissing: "Alles wurde aufgezeichnet",
    nothingMissingHint: "Alle Anrufe dieser Zeit sind vollständig.",
    noMatch: "Kein Anruf passt",
    clear: "Filter löschen",
    more: "Mehr",
    failed: "Das Verzeichnis konnte nicht geladen werden",
  },
);
