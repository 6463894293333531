import { setImmediate } from "node:timers/promises";
import type { RequestHandler } from "express";
import type { Live, LiveCall, LiveScreen } from "#shared/api/live.ts";
import { type CallState, callStateAfter } from "#shared/archive/call-stretches.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { PauseControl } from "../agents/pause-control.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { OpenRecording } from "../call-buffer/live-reader.ts";
import type { CaptureView, CaptureViews, DesktopDirectory, ScreenView } from "../capture/ports.ts";
import type { SpaceGuard } from "../control/space-guard.ts";

/** What of a call's attributes whoever watches is told. */
const SHOWN_ATTRIBUTES = ["agentName", "customer", "queue", "direction"] as const;

export interface LiveRouteOptions {
  buffer: Pick<CallBuffer, "live" | "counts" | "leases">;
  directory: DesktopDirectory & CaptureViews;
  pauses: Pick<PauseControl, "of">;
  space: Pick<SpaceGuard, "facts" | "limits" | "alarm">;
  clock: Clock;
}

/** `GET /v1/live`: who is recorded now, which desktops are there, how much room there is. */
export function onLive(options: LiveRouteOptions): RequestHandler {
  const { buffer, clock, directory } = options;
  return async (_request, response) => {
    const calls: LiveCall[] = [];
    for (let some = buffer.live.after(""); some.length > 0; some = buffer.live.after(some.at(-1)?.id ?? "")) {
      for (const recording of some) calls.push(describeCall(recording, options));
      // Pictures come in meanwhile.
      await setImmediate();
    }
    const agents = directory.agents().map(({ agent, desktops }) => ({
      agent,
      desktops: desktops.map(({ device, state, since, displays, appVersion }) => ({
        ...{ device, state, since: formatInstant(since), displays: displays.length, appVersion },
      })),
    }));
    const handoff = { waiting: buffer.counts().waiting, refused: buffer.leases.alarms().length };
    const answer: Live = {
      ...{ at: formatInstant(clock.now()), calls, agents, handoff },
      space: describeSpace(options.space),
    };
    response.json(answer);
  };
}

function describeCall(recording: OpenRecording, { directory, pauses }: LiveRouteOptions): LiveCall {
  const { id, agent, callSessionId, leg, startedAt, connectedAt } = recording;
  const { state, since } = stateOf(recording);
  const capture = directory.captureOf(id);
  const pause = pauses.of(agent);
  return {
    ...{ recordingId: id, agent, callSessionId, leg, startedAt: formatInstant(startedAt) },
    connectedAt: connectedAt === null ? null : formatInstant(connectedAt),
    ...{ state, stateSince: formatInstant(since) },
    attributes: Object.fromEntries(
      SHOWN_ATTRIBUTES.flatMap((name) => {
        const value = recording.attributes[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    pause: pause && {
      since: formatInstant(pause.from),
      endsBy: formatInstant(pause.endsBy),
      ...{ reason: pause.reason, by: pause.by },
    },
    gap: recording.isStartRefused
      ? { reason: "events-late", since: formatInstant(startedAt) }
      : describeGap(capture?.gap ?? null),
    screens: capture?.screens.map(describeScreen) ?? [],
  };
}

/** What the agent is doing by the newest event that says so, and since when. */
function stateOf({ events, startedAt }: OpenRecording): { state: CallState; since: number } {
  let last: { state: CallState; since: number } = { state: "ring", since: startedAt };
  for (const { type, at } of events) {
    const state = callStateAfter(type);
    if (state !== null && state !== last.state) last = { state, since: at };
  }
  return last;
}

function describeScreen(view: ScreenView): LiveScreen {
  const { desktop, display, codec, width, height, gap, hasPicture } = view;
  return {
    ...{ desktop, display, codec, width, height },
    state: gap !== null ? "gap" : hasPicture ? "captured" : "waiting",
    gap: describeGap(gap),
    framesPerSecond: rounded(view.framesPerSecond),
    kbitPerSecond: rounded(view.kbitPerSecond),
  };
}

function describeGap(gap: CaptureView["gap"]): LiveCall["gap"] {
  return gap && { reason: gap.reason, since: formatInstant(gap.from) };
}

function describeSpace({ facts, limits, alarm }: LiveRouteOptions["space"]): Live["space"] {
  const { freeBytes = null, bufferBytes = null } = facts ?? {};
  return { freeBytes, bufferBytes, ...limits, alarm };
}

function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}
