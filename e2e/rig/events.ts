import { randomUUID } from "node:crypto";
import type { CallEventsAnswer, CallEventType } from "#shared/api/call-event.ts";
import type { Recording } from "#shared/api/recording.ts";
import { waitFor } from "./wait.ts";

/** Whom the rig talks to: a recorder's address and its tokens. */
export interface RecorderAddress {
  recorderUrl: string;
  tokens: { integration: string; admin: string };
}

/** One call at one agent whose events the test posts itself. */
export interface ScriptedCall {
  readonly callSessionId: string;
  /** Posts an event that happens now. */
  say(type: CallEventType, attributes?: Record<string, string>): Promise<CallEventsAnswer>;
  /** The call's recording, once `until` holds for it. */
  recording(until?: (recording: Recording) => boolean, withinMs?: number): Promise<Recording>;
}

/** @param agent - at whom it rings. */
export function scriptCall(
  site: RecorderAddress,
  agent: string,
  callSessionId: string = randomUUID(),
): ScriptedCall {
  return {
    callSessionId,
    async say(type, attributes) {
      const event = { id: randomUUID(), type, at: new Date().toISOString(), agent, callSessionId };
      const response = await postEvents(site, attributes ? { ...event, attributes } : event);
      if (response.status !== 202) throw new Error(`${type} was refused: ${await response.text()}`);
      return (await response.json()) as CallEventsAnswer;
    },
    recording: (until = () => true, withinMs = 20_000) =>
      waitFor(
        `the recording of call ${callSessionId}`,
        async () => {
          const recording = (await recordingsOf(site, callSessionId))[0];
          return recording !== undefined && until(recording) ? recording : null;
        },
        { withinMs },
      ),
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
