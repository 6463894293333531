import { randomUUID } from "node:crypto";
import type { CallEventsAnswer, CallEventType } from "#shared/api/call-event.ts";
import type { Recording } from "#shared/api/recording.ts";
import { waitFor } from "./wait.ts";

/** Whom the rig talks to: a recorder's address and its tokens. */
export interface RecorderAddress {
  recorderUrl: string;
  tokens: { integration: string; admin: string };
}

type Attributes = Record<string, string>;

/** What becomes of a call at one agent. */
export interface RecordedCall {
  readonly callSessionId: string;
  /** The call's recording, once `until` holds for it. */
  recording(until?: (recording: Recording) => boolean, withinMs?: number): Promise<Recording>;
  /** The same, once the first picture is taken. What coverage says of it is known when its segment is closed. */
  captured(): Promise<Recording>;
  /** The same, once it is closed and nothing of it changes any more. */
  sealed(): Promise<Recording>;
}

/** One call at one agent whose events the test posts itself. */
export interface ScriptedCall extends RecordedCall {
  ring(attributes?: Attributes): Promise<CallEventsAnswer>;
  /** The agent answers. */
  connect(): Promise<CallEventsAnswer>;
  hold(): Promise<CallEventsAnswer>;
  /** The end of a hold. */
  unhold(): Promise<CallEventsAnswer>;
  /** The customer has gone, the agent writes notes. */
  wrapUp(): Promise<CallEventsAnswer>;
  /** The agent is available again. */
  end(): Promise<CallEventsAnswer>;
  /** Nobody answered. */
  miss(): Promise<CallEventsAnswer>;
  /** Posts any event that happens now; what is above are the usual ones. */
  say(type: CallEventType, attributes?: Attributes): Promise<CallEventsAnswer>;
}

/** A busy machine is slow to close a recording; a broken recorder never does. */
const SLOWLY_MS = 60_000;

/**
 * @param agent - at whom it rings.
 * @param note - is told of each event.
 */
export function scriptCall(
  site: RecorderAddress,
  agent: string,
  callSessionId: string = randomUUID(),
  note: (msg: string, facts: object) => void = () => {},
): ScriptedCall {
  const say = async (type: CallEventType, attributes?: Attributes) => {
    note(`call ${type}`, { agent, callSessionId });
    const event = { id: randomUUID(), type, at: new Date().toISOString(), agent, callSessionId };
    const response = await postEvents(site, attributes ? { ...event, attributes } : event);
    if (response.status !== 202) throw new Error(`${type} was refused: ${await response.text()}`);
    return (await response.json()) as CallEventsAnswer;
  };
  return {
    ...followCall(site, callSessionId),
    ring: (attributes) => say("ringing", attributes),
    connect: () => say("connected"),
    hold: () => say("on-hold"),
    unhold: () => say("hold-done"),
    wrapUp: () => say("wrap-up"),
    end: () => say("agent-available"),
    miss: () => say("not-responding"),
    say,
  };
}

/** A call that somebody else places. */
export function followCall(site: RecorderAddress, callSessionId: string): RecordedCall {
  const recording: RecordedCall["recording"] = (until = () => true, withinMs = 20_000) =>
    waitFor(
      `the recording of call ${callSessionId}`,
      async () => {
        const found = (await recordingsOf(site, callSessionId))[0];
        return found !== undefined && until(found) ? found : null;
      },
      { withinMs },
    );
  return {
    callSessionId,
    recording,
    captured: () => recording(({ tracks }) => tracks.length > 0, SLOWLY_MS),
    sealed: () => recording(({ phase }) => phase === "sealed", SLOWLY_MS),
  };
}

/** Posts a body as it is to `/v1/call-events`. */
export function postEvents(
  site: RecorderAddress,
  body: unknown,
  token = site.tokens.integration,
): Promise<Response> {
  return fetch(`${site.recorderUrl}/v1/call-events`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The recordings of a call session, newest first. */
async function recordingsOf(site: RecorderAddress, callSessionId: string): Promise<Recording[]> {
  const { items } = await getJson<{ items: Recording[] }>(
    `${site.recorderUrl}/v1/recordings?callSessionId=${callSessionId}`,
    site.tokens.admin,
  );
  return items;
}

/** @throws Error with status and body when the answer is not a success. */
export async function getJson<Body>(url: string, token: string): Promise<Body> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
