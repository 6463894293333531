import { createHash } from "node:crypto";
import type { Recording, Segment } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A recording with one track, from its parts. */
export function madeRecording(
  change: Partial<Recording> & Pick<Recording, "id" | "callSessionId">,
  segments: readonly Segment[],
): Recording {
  const startedAt = segments[0]?.startedAt ?? formatInstant(0);
  const last = segments.at(-1);
  const endedAt = formatInstant(Date.parse(last?.startedAt ?? startedAt) + (last?.durationMs ?? 0));
  return {
    revision: 1,
    agent: "ann@contoso.com",
    leg: 1,
    phase: "sealed",
    startedAt,
    connectedAt: startedAt,
    endedAt,
    events: [
      { id: `${change.id}-1`, type: "ringing", at: startedAt },
      { id: `${change.id}-2`, type: "agent-available", at: endedAt },
    ],
    attributes: { direction: "inbound", customer: "+14255550100", queue: "Billing", agentName: "Ann Agent" },
    tracks: [
      {
        id: "1",
        desktop: "PC-0815",
        display: "1",
        codec: "vp9",
        width: 160,
        height: 96,
        segments: [...segments],
        coverage: [{ from: startedAt, to: endedAt, state: "captured" }],
      },
    ],
    coverage: "recorded",
    note: null,
    ...change,
  };
}

/** A segment's entry for bytes. */
export function madeSegment(
  id: string,
  startedAt: EpochMs,
  durationMs: DurationMs,
  bytes: Uint8Array = new Uint8Array(),
): Segment {
  return {
    id,
    startedAt: formatInstant(startedAt),
    durationMs,
    frames: Math.round(durationMs / 40),
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
