import { expect, test } from "vitest";
import type { Capture, Link, OfflineReason } from "./agent-session.ts";
import { chooseLanguage } from "./messages/language.ts";
import { type CaptureFigures, type TrayFacts, type TraySession, viewTray } from "./tray-view.ts";

/** 2026-03-02T10:02:30Z */
const SINCE = 1_772_445_750_000;
const FIGURES: CaptureFigures = { monitors: 2, framesPerSecond: 4.9, kbitPerSecond: 83.6 };
const ONLINE: Link = { phase: "online" };
const call = (facts: { customer?: string; queue?: string }) => ({ recordingId: "R", since: SINCE, ...facts });
const capturing = (phase: "recording" | "paused", ...calls: ReturnType<typeof call>[]): Capture => ({
  phase,
  calls,
  stopNoLaterThan: 0,
});
const FACTS: TrayFacts = { appVersion: "0.1.0", hasNotice: false, updateBy: null, timeZone: "UTC" };
const IDLE_ONLINE: TraySession = { link: ONLINE, capture: { phase: "idle" } };
const viewIn =
  (tag: string) =>
  (session: TraySession, figures: CaptureFigures | null = FIGURES, facts = FACTS) =>
    viewTray(session, figures, facts, chooseLanguage([tag]));
const english = viewIn("en-GB");
const german = viewIn("de-DE");
const labels = ({ rows }: ReturnType<typeof english>) => rows.map((row) => row?.label ?? null);
/** The rows above the line, which tell of the session. */
const told = (view: ReturnType<typeof english>) => labels(view).slice(0, labels(view).indexOf(null));

const UNREACHABLE: Link = { phase: "offline", reason: "unreachable", attempt: 3 };
const SESSIONS: [string, TraySession, CaptureFigures | null, string[], string[]][] = [
  [
    "a call of which all is known",
    {
      link: ONLINE,
      capture: capturing("recording", call({ customer: "+14255550100", queue: "Billing" })),
    },
    FIGURES,
    [
      "● Recording — call from +1 425 555 0100 (Billing), since 10:02",
      "  2 monitors · 5 frames/s · 84 kbit/s",
    ],
    [
      "● Aufzeichnung läuft – Anruf von +1 425 555 0100 (Billing), seit 10:02 Uhr",
      "  2 Bildschirme · 5 Bilder/s · 84 kbit/s",
    ],
  ],
  [
    "two calls, of one of which nothing is known, at the start",
    { link: ONLINE, capture: capturing("recording", call({}), call({ customer: "sip:bob@contoso.com" })) },
    null,
    [
      "● Recording — call, since 10:02",
      "● Recording — call from sip:bob@contoso.com, since 10:02",
      "  starting",
    ],
    [
      "● Aufzeichnung läuft – Anruf, seit 10:02 Uhr",
      "● Aufzeichnung läuft – Anruf von sip:bob@contoso.com, seit 10:02 Uhr",
      "  wird gestartet",
    ],
  ],
  [
    "a capture without connection, of one monitor",
    { link: UNREACHABLE, capture: capturing("recording", call({})) },
    { monitors: 1, framesPerSecond: 1, kbitPerSecond: 1234 },
    [
      "● Recording — call, since 10:02",
      "  1 monitor · 1 frames/s · 1,234 kbit/s",
      "  Connecting to the recorder again",
    ],
    [
      "● Aufzeichnung läuft – Anruf, seit 10:02 Uhr",
      "  1 Bildschirm · 1 Bilder/s · 1.234 kbit/s",
      "  Verbindung zum Aufzeichnungsserver wird wiederhergestellt",
    ],
  ],
  [
    "a pause, which has no figures",
    { link: ONLINE, capture: capturing("paused", call({ queue: "Sales" })) },
    FIGURES,
    ["❚❚ Paused — call (Sales), since 10:02"],
    ["❚❚ Aufzeichnung angehalten – Anruf (Sales), seit 10:02 Uhr"],
  ],
];

test.each(SESSIONS)("told in both languages: %s", (_, session, figures, inEnglish, inGerman) => {
  expect(told(english(session, figures))).toEqual(inEnglish);
  expect(told(german(session, figures))).toEqual(inGerman);
  const { phase } = session.capture;
  expect([english(session).icon, german(session).icon]).toEqual([phase, phase]);
});

test("the tooltip is the calls, without mark and figures", () => {
  const capture = capturing("recording", call({ queue: "Sales" }), call({}));
  expect(english({ link: ONLINE, capture }).tooltip).toBe(
    "Recording — call (Sales), since 10:02\nRecording — call, since 10:02",
  );
});

const offline = (reason: OfflineReason): Link => ({ phase: "offline", reason, attempt: 1 });
const IDLE: [Link, string, string, string][] = [
  [ONLINE, "idle", "Deskreel: not recording", "Keine Aufzeichnung"],
  [
    { phase: "connecting", attempt: 1 },
    "offline",
    "Deskreel: connecting to the recorder",
    "Verbindung zum Aufzeichnungsserver wird hergestellt",
  ],
  [
    offline("unreachable"),
    "offline",
    "Deskreel: offline, the recorder cannot be reached",
    "Offline, der Aufzeichnungsserver ist nicht erreichbar",
  ],
  [
    offline("unauthorized"),
    "offline",
    "Deskreel: offline, the recorder does not accept this desktop; please tell your administrator",
    "Offline, der Aufzeichnungsserver akzeptiert diesen Computer nicht; bitte wenden Sie sich an Ihre IT-Abteilung",
  ],
  [
    offline("revoked"),
    "offline",
    "Deskreel: not recording, your administrator has withdrawn this desktop's access to the recorder",
    "Keine Aufzeichnung, Ihre IT-Abteilung hat diesem Computer den Zugang entzogen",
  ],
  [
    offline("waits-for-approval"),
    "offline",
    "Deskreel: not recording, this desktop waits until your administrator approves it",
    "Keine Aufzeichnung, dieser Computer wartet auf die Freigabe durch Ihre IT-Abteilung",
  ],
];

test.each(IDLE)("without a call the connection is told: %j", (link, icon, tooltip, inGerman) => {
  const shown = english({ link, capture: { phase: "idle" } });
  expect([shown.icon, shown.tooltip]).toEqual([icon, tooltip]);
  expect(told(german({ link, capture: { phase: "idle" } }))).toEqual([inGerman]);
});

test("what the menu does: the log always, the page about recordings where there is one", () => {
  const log = { label: "Open log folder", action: "open-log-folder" };
  const about = { label: "About Deskreel 0.1.0" };
  expect(english(IDLE_ONLINE).rows).toEqual([{ label: "Not recording" }, null, log, about]);
  expect(english(IDLE_ONLINE, null, { ...FACTS, hasNotice: true }).rows).toEqual([
    { label: "Not recording" },
    null,
    { label: "Why is my screen recorded?", action: "explain-recording" },
    log,
    about,
  ]);
});

const EVERY_VIEW = [
  ...SESSIONS.map(([, session, figures]) => [session, figures] as const),
  ...(["unreachable", "silent", "unauthorized", "replaced", "refused"] as const).map(
    (reason) => [{ link: offline(reason), capture: { phase: "idle" } }, null] as const,
  ),
  ...IDLE.map(([link]) => [{ link, capture: { phase: "idle" } }, null] as const),
];

test("no text of any view is the same in both languages, or has an empty place", () => {
  const facts = { ...FACTS, hasNotice: true };
  const textsOf = (view: typeof english) =>
    EVERY_VIEW.flatMap(([session, figures]) => {
      const shown = view(session, figures, facts);
      return [shown.tooltip, ...labels(shown).filter((label) => label !== null)];
    });
  const [inEnglish, inGerman] = [new Set(textsOf(english)), new Set(textsOf(german))];
  expect([...inGerman].filter((text) => inEnglish.has(text))).toEqual([]);
  expect([...inEnglish, ...inGerman].filter((text) => /[{}]/.test(text))).toEqual([]);
});

test("there is no way to quit from the tray", () => {
  const texts = [english, german].flatMap((view) =>
    EVERY_VIEW.flatMap(([session, figures]) => labels(view(session, figures))),
  );
  expect(texts.filter((label) => /quit|exit|beenden|schließen/i.test(label ?? ""))).toEqual([]);
});

test("it says how long an update waits for a call, and nothing of it without one", () => {
  const facts = { ...FACTS, updateBy: SINCE + 600_000 };
  const inCall: TraySession = { link: ONLINE, capture: capturing("paused", call({})) };
  expect(told(english(inCall, null, facts))).toEqual([
    "❚❚ Paused — call, since 10:02",
    "  An update waits for the end of the call, until 10:12 at the latest",
  ]);
  expect(told(german(inCall, null, facts))).toEqual([
    "❚❚ Aufzeichnung angehalten – Anruf, seit 10:02 Uhr",
    "  Eine Aktualisierung wartet auf das Ende des Anrufs, längstens bis 10:12 Uhr",
  ]);
  expect(told(english(IDLE_ONLINE, null, facts))).toEqual(["Not recording"]);
});
