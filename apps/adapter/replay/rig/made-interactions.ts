import type { CallEventType } from "#shared/api/call-event.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { ListedFile } from "./made-media.ts";

const MADE_STARTED_AT = Date.UTC(2026, 2, 2, 10, 2, 30, 120);

type Screen = Manifest["screens"][number];

export function madeInteraction(interactionId: string, change: Partial<Manifest> = {}): Manifest {
  const startedAt = change.startedAt ?? new Date(MADE_STARTED_AT).toISOString();
  const durationMs = change.durationMs ?? 12_000;
  return {
    format: "deskreel.interaction/1",
    interactionId,
    version: 1,
    startedAt,
    endedAt: new Date(Date.parse(startedAt) + durationMs).toISOString(),
    durationMs,
    coverage: "recorded",
    call: { direction: "inbound", customer: "+1 425 555 0100", queue: "Billing" },
    agents: [{ agent: "ann@contoso.com", name: "Ann Agent" }],
    events: [
      madeEvent(0, "ringing"),
      madeEvent(1_000, "connected"),
      madeEvent(5_000, "on-hold"),
      madeEvent(7_000, "hold-done"),
      madeEvent(10_000, "wrap-up"),
      madeEvent(durationMs, "agent-available"),
    ],
    audio: null,
    screens: [],
    files: [],
    ...change,
  };
}

function madeEvent(
  offsetMs: number,
  type: CallEventType,
  agent = "ann@contoso.com",
): Manifest["events"][number] {
  return { at: new Date(MADE_STARTED_AT + offsetMs).toISOString(), offsetMs, type, agent };
}

export function madeScreen(
  file: string,
  offsetMs: number,
  durationMs: number,
  change: Partial<Screen> = {},
): Screen {
  return {
    file,
    recordingId: `recording of ${file}`,
    leg: 1,
    agent: "ann@contoso.com",
    desktop: "PC-0815",
    display: "1",
    width: 640,
    height: 360,
    offsetMs,
    durationMs,
    coverage: [{ fromMs: offsetMs, toMs: offsetMs + durationMs, state: "captured" }],
    ...change,
  };
}

/** @param durationMs - of the one part that the audio file has, from `offsetMs` on. */
function madeAudio(file: ListedFile, offsetMs: number, durationMs: number): Manifest["audio"] {
  const part = { sourceId: "part-1", offsetMs, durationMs, sha256: file.sha256 };
  return { file: file.name, parts: [{ ...part, placement: "metadata", uncertaintyMs: 1 }] };
}

/** A call that Ann hands to Bob: two screens, the second from 4 s to 10 s, with a gap. */
export function madeTransfer(audio: ListedFile, screens: readonly [ListedFile, ListedFile]): Manifest {
  const [first, second] = screens;
  const bob = "bob@contoso.com";
  return madeInteraction("transfer-1", {
    coverage: "partial",
    agents: [
      { agent: "ann@contoso.com", name: "Ann Agent" },
      { agent: bob, name: "Bob Lee" },
    ],
    events: [
      madeEvent(0, "ringing"),
      madeEvent(1_000, "connected"),
      madeEvent(3_000, "consulting"),
      madeEvent(4_000, "ringing", bob),
      madeEvent(5_000, "connected", bob),
      madeEvent(6_000, "wrap-up"),
      madeEvent(8_000, "agent-available"),
      madeEvent(9_000, "wrap-up", bob),
      madeEvent(10_000, "agent-available", bob),
    ],
    audio: madeAudio(audio, 1_000, 8_000),
    screens: [
      madeScreen(first.name, 0, 12_000),
      madeScreen(second.name, 4_000, 6_000, {
        agent: bob,
        desktop: "PC-0816",
        coverage: [
          { fromMs: 4_000, toMs: 7_000, state: "captured" },
          { fromMs: 7_000, toMs: 8_000, state: "gap", reason: "connection-lost" },
          { fromMs: 8_000, toMs: 10_000, state: "captured" },
        ],
      }),
    ],
    files: [audio, first, second],
  });
}
