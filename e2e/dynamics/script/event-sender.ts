import pRetry, { AbortError } from "p-retry";
import { type CallEventType, callEventsAnswerSchema } from "#shared/api/call-event.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";

/** A call event as posted: `at` is RFC 3339. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: CallEventType;
  readonly at: string;
  readonly agent: string;
  /** Absent for `agent-available` by presence or logout. */
  readonly callSessionId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What became of a posted event; `refused` = the recorder said no, `undeliverable` = it never answered. */
export type EventOutcome = "accepted" | "duplicate" | "ignored" | "refused" | "undeliverable";

/** Posts one event and says what became of it; null when the signal ended it before. Never rejects. */
export type SendEvent = (event: OutgoingEvent, signal: AbortSignal) => Promise<EventOutcome | null>;

const ANSWER_WITHIN_MS = 10_000;
/** 0.25, 0.5, 1, 2, 4, 8, 8, 8 s: about half a minute, in which a recorder restarts. */
const RETRIES = { retries: 8, minTimeout: 250, maxTimeout: 8_000, factor: 2 };

/**
 * A sender to a recorder's `POST /v1/call-events`. It stands in for Dynamics' webhooks until the recorder has those.
 *
 * @param recorder - its base URL and a token with the scope `integration`.
 */
export function createEventSender(recorder: { url: string; token: string }, log: Log): SendEvent {
  const target = new URL("/v1/call-events", recorder.url);
  return async (event, signal) => {
    const facts = { eventId: event.id, type: event.type, callSessionId: event.callSessionId };
    try {
      return await pRetry(() => postOnce(target, recorder.token, event, signal), {
        ...RETRIES,
        signal,
        onFailedAttempt: ({ error, retriesLeft }) => {
          log.warn(
            { ...facts, reason: describeError(error), retriesLeft },
            "recorder did not take call event",
          );
        },
      });
    } catch (error) {
      if (signal.aborted) return null;
      const refused = error instanceof EventRefused;
      log.error(
        { ...facts, reason: describeError(error) },
        refused ? "recorder refused call event" : "call event lost",
      );
      return refused ? "refused" : "undeliverable";
    }
  };
}

/** The recorder will not take this event, however often it is posted. */
class EventRefused extends DeskreelError {}

async function postOnce(
  target: URL,
  token: string,
  event: OutgoingEvent,
  signal: AbortSignal,
): Promise<EventOutcome> {
  const response = await fetch(target, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(event),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
  }).catch((cause: unknown) => {
    // fetch's own TypeError would pass for a programming error, which p-retry does not retry.
    throw new DeskreelError("RECORDER_UNREACHABLE", `no answer from ${target.href}`, { cause });
  });
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) {
    throw new DeskreelError("RECORDER_UNAVAILABLE", `${target.href} answered ${response.status}: ${text}`);
  }
  if (!response.ok) {
    const message = `${target.href} answered ${response.status}: ${text}`;
    throw new AbortError(new EventRefused("EVENT_REFUSED", message));
  }
  return outcomeOf(text, target);
}

function outcomeOf(text: string, target: URL): EventOutcome {
  try {
    const answer = callEventsAnswerSchema.parse(JSON.parse(text));
    if (answer.ignored.length > 0) return "ignored";
    return answer.duplicates > 0 ? "duplicate" : "accepted";
  } catch (cause) {
    const message = `${target.href} is no recorder of this version: its answer was ${text.slice(0, 200)}`;
    throw new AbortError(new EventRefused("EVENT_REFUSED", message, { cause }));
  }
}
