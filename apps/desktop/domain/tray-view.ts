import type { CallSummary } from "#shared/protocol/messages.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { AgentSession, Link } from "./agent-session.ts";
import { fill, fillCount, type Language } from "./messages/language.ts";
import type { Messages } from "./messages/messages.ts";

export type TrayIcon = "idle" | "recording" | "paused" | "offline";

/** What the tray has to know of the session. */
export type TraySession = Pick<AgentSession, "link" | "capture">;

/** What a menu row does when it is chosen. */
export type TrayAction = "explain-recording" | "open-log-folder";

/** A row without an action only tells something. */
export interface TrayRow {
  label: string;
  action?: TrayAction;
}

/** What the tray shows: data, so that it can be tested without a tray. There is no way to quit from here. */
export interface TrayView {
  icon: TrayIcon;
  tooltip: string;
  /** Menu rows from the top; null = a line. */
  rows: readonly (TrayRow | null)[];
}

/** What the tray tells beside the session. */
export interface TrayFacts {
  appVersion: string;
  /** Whether the company has a page about recordings. */
  hasNotice: boolean;
  /** Until when an update waits for the recording to end; null: none does. */
  updateBy: EpochMs | null;
  /** IANA name; undefined = the computer's. */
  timeZone?: string;
}

/** What the capture delivers now. */
export interface CaptureFigures {
  monitors: number;
  /** Of the slowest monitor. */
  framesPerSecond: number;
  /** All monitors together. */
  kbitPerSecond: number;
}

export function viewTray(
  session: TraySession,
  figures: CaptureFigures | null,
  facts: TrayFacts,
  language: Language,
): TrayView {
  const { icon, tooltip, lines } = describeSession(session, figures, facts, language);
  const { whyRecorded, openLogFolder, about } = language.messages;
  const notice: TrayRow[] = facts.hasNotice ? [{ label: whyRecorded, action: "explain-recording" }] : [];
  return {
    icon,
    tooltip,
    rows: [
      ...lines.map((label) => ({ label })),
      null,
      ...notice,
      { label: openLogFolder, action: "open-log-folder" },
      { label: fill(about, { version: facts.appVersion }) },
    ],
  };
}

interface SessionText {
  icon: TrayIcon;
  tooltip: string;
  lines: string[];
}

function describeSession(
  { capture, link }: TraySession,
  figures: CaptureFigures | null,
  { timeZone, updateBy }: TrayFacts,
  language: Language,
): SessionText {
  const { messages, locale } = language;
  if (capture.phase === "idle") {
    const [icon, text] = describeLink(link, messages);
    return { icon, tooltip: `Deskreel: ${text}`, lines: [sentence(text, locale)] };
  }
  const mark = capture.phase === "recording" ? "●" : "❚❚";
  const state = messages[capture.phase];
  const calls = capture.calls.map((call) => describeCall(call, state, timeZone, language));
  const lines = calls.map((text) => `${mark} ${text}`);
  if (capture.phase === "recording") lines.push(`  ${describeFigures(figures, language)}`);
  if (link.phase !== "online") lines.push(`  ${messages.reconnecting}`);
  if (updateBy !== null)
    lines.push(`  ${fill(messages.updateWaits, { time: timeOfDay(updateBy, locale, timeZone) })}`);
  return { icon: capture.phase, tooltip: calls.join("\n"), lines };
}

function describeLink(link: Link, messages: Messages): [TrayIcon, string] {
  switch (link.phase) {
    case "online":
      return ["idle", messages.idle];
    case "connecting":
      return ["offline", messages.connecting];
    case "offline":
      return ["offline", messages.offline[link.reason]];
  }
}

/** A call in a line, after what is done about it. */
export function describeCall(
  { customer, queue, since }: CallSummary,
  state: string,
  timeZone: string | undefined,
  { messages, locale }: Language,
): string {
  const facts = { state, time: timeOfDay(since, locale, timeZone) };
  if (customer === undefined)
    return queue === undefined ? fill(messages.call, facts) : fill(messages.callInQueue, { ...facts, queue });
  const from = { ...facts, customer: spacePhoneNumber(customer) };
  return queue === undefined
    ? fill(messages.callFrom, from)
    : fill(messages.callFromInQueue, { ...from, queue });
}

function describeFigures(figures: CaptureFigures | null, { messages, locale }: Language): string {
  if (figures === null || figures.monitors === 0) return messages.captureStarting;
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return fill(messages.figures, {
    monitors: fillCount(messages.monitors, figures.monitors, locale),
    frames: whole.format(figures.framesPerSecond),
    bitrate: whole.format(figures.kbitPerSecond),
  });
}

/** North American numbers are grouped as people there write them; any other text stays as it came. */
function spacePhoneNumber(text: string): string {
  return text.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
}

function timeOfDay(at: EpochMs, locale: string, timeZone: string | undefined): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
}

function sentence(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
