import type { CallSummary } from "#shared/protocol/messages.ts";
import type { AgentSession } from "./agent-session.ts";
import type { Language } from "./messages/language.ts";
import { describeCall } from "./tray-view.ts";

/** Recordings that were told of; an agent never has as many at once. */
const REMEMBERED = 64;

/** The recordings that the agent was told of, the newest last. */
export type ToldRecordings = readonly string[];

/** What the agent sees when a recording begins. */
export interface RecordingNotice {
  title: string;
  body: string;
}

/**
 * Which calls the agent is to be told of now: each once, whatever the connection does, and not behind the lock screen,
 * where others would read it.
 */
export function callsToTell(
  told: ToldRecordings,
  { capture, hidden }: Pick<AgentSession, "capture" | "hidden">,
): { told: ToldRecordings; calls: readonly CallSummary[] } {
  if (capture.phase !== "recording" || hidden !== null) return { told, calls: [] };
  const calls = capture.calls.filter(({ recordingId }) => !told.includes(recordingId));
  const all = [...told, ...calls.map(({ recordingId }) => recordingId)];
  return { told: all.slice(-REMEMBERED), calls };
}

export function viewNotice(call: CallSummary, language: Language, timeZone?: string): RecordingNotice {
  const { messages } = language;
  const body = describeCall(call, messages.recording, timeZone, language);
  // Linux desktops may take the text for markup, and the caller's name is not ours.
  return { title: messages.screenIsRecorded, body: body.replace(/[<>&]/g, (sign) => PLAIN[sign] ?? "") };
}

const PLAIN: Record<string, string> = { "<": "‹", ">": "›", "&": "＆" };
