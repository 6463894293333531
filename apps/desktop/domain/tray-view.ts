import type { CallSummary } from "#shared/protocol/messages.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { AgentSession, Link, OfflineReason } from "./agent-session.ts";

export type TrayIcon = "idle" | "recording" | "paused" | "offline";

/** What the tray shows: data, so that it can be tested without a tray. There is no way to quit from here. */
export interface TrayView {
  icon: TrayIcon;
  tooltip: string;
  /** Menu rows from the top, none of which does anything yet; null = a line. */
  rows: readonly (string | null)[];
}

/** What the capture delivers now. */
export interface CaptureFigures {
  monitors: number;
  /** Of the slowest monitor. */
  framesPerSecond: number;
  /** All monitors together. */
  kbitPerSecond: number;
}

const OFFLINE_TEXT: Record<OfflineReason, string> = {
  unreachable: "the recorder cannot be reached",
  silent: "the recorder does not answer",
  unauthorized: "the recorder does not accept this desktop; please tell your administrator",
  replaced: "Deskreel runs for you elsewhere on this computer",
  refused: "the recorder refused the connection",
};

/** @param timeZone - IANA name; undefined = the computer's. */
export function viewTray(
  session: Pick<AgentSession, "link" | "capture">,
  figures: CaptureFigures | null,
  appVersion: string,
  timeZone?: string,
): TrayView {
  const about = `About Deskreel ${appVersion}`;
  const { capture, link } = session;
  if (capture.phase === "idle") {
    const [icon, text] = describeLink(link);
    return { icon, tooltip: `Deskreel: ${text}`, rows: [sentence(text), null, about] };
  }
  const [mark, word] = capture.phase === "recording" ? ["●", "Recording"] : ["❚❚", "Paused"];
  const calls = capture.calls.map((call) => `${word} — ${describeCall(call, timeZone)}`);
  const lines = calls.map((text) => `${mark} ${text}`);
  if (capture.phase === "recording") lines.push(`  ${describeFigures(figures)}`);
  if (link.phase !== "online") lines.push("  Connecting to the recorder again");
  return { icon: capture.phase, tooltip: calls.join("\n"), rows: [...lines, null, about] };
}

function describeLink(link: Link): [TrayIcon, string] {
  switch (link.phase) {
    case "online":
      return ["idle", "not recording"];
    case "connecting":
      return ["offline", "connecting to the recorder"];
    case "offline":
      return ["offline", `offline, ${OFFLINE_TEXT[link.reason]}`];
  }
}

function describeCall({ customer, queue, since }: CallSummary, timeZone: string | undefined): string {
  const from = customer === undefined ? "" : ` from ${spacePhoneNumber(customer)}`;
  const of = queue === undefined ? "" : ` (${queue})`;
  return `call${from}${of}, since ${timeOfDay(since, timeZone)}`;
}

function describeFigures(figures: CaptureFigures | null): string {
  if (figures === null || figures.monitors === 0) return "starting";
  const monitors = figures.monitors === 1 ? "1 monitor" : `${figures.monitors} monitors`;
  return `${monitors} · ${Math.round(figures.framesPerSecond)} frames/s · ${Math.round(figures.kbitPerSecond)} kbit/s`;
}

/** North American numbers are grouped as people there write them; any other text stays as it came. */
function spacePhoneNumber(text: string): string {
  return text.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
}

function timeOfDay(at: EpochMs, timeZone: string | undefined): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
