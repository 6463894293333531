import type { CoverageWord } from "#shared/api/coverage.ts";
import { readInteraction, versionFolder } from "../../e2e/rig/replay.ts";
import { waitFor } from "../../e2e/rig/wait.ts";
import { disagreements } from "./check-interaction.ts";
import type { OneMachine, PlacedCall } from "./one-machine.ts";
import { readRingToFirstFrame } from "./ring-to-first-frame.ts";
import { say } from "./say.ts";

/** The one line of JSON of `npm start -- --once`. */
export interface CallSummary {
  interactionId: string;
  /** The version's folder, absolute. */
  archivePath: string;
  durationMs: number;
  screens: number;
  audioParts: number;
  coverage: CoverageWord;
  /** Ring request fully received → first decodable frame written to the segment file. */
  ringToFirstFrameMs: number | null;
  /** Later of (agent-available received, last audio part available at Dynamics) → readable over HTTP. */
  endToReplayMs: number;
}

const READABLE_WITHIN_MS = 120_000;
/** Fine enough for endToReplayMs, coarse enough not to be its load. */
const POLL_MS = 50;

/** Follows a call until the version with every scripted part is readable, then holds the files against the manifest. */
export async function followCall(
  machine: OneMachine,
  call: PlacedCall,
  signal: AbortSignal,
): Promise<{ summary: CallSummary; faults: string[] }> {
  const { endedAt, audioAvailableAt } = await call.finished;
  say("  the call is over; waiting for audio, stitching and archive");
  const { interaction, readableAt } = await waitFor(
    `interaction ${call.interactionId} with all ${call.audioParts} audio parts`,
    async () => {
      const found = await readInteraction(machine, call.interactionId);
      const isWhole =
        found !== null && found.audio?.parts.length === call.audioParts && found.screens.length > 0;
      return isWhole ? { interaction: found, readableAt: Date.now() } : null;
    },
    { withinMs: READABLE_WITHIN_MS, everyMs: POLL_MS, signal },
  );
  const archivePath = versionFolder(machine.archiveDir, interaction);
  const faults = await disagreements(archivePath, interaction);
  if (interaction.coverage !== "recorded")
    faults.push(`the coverage is ${interaction.coverage}, not recorded`);
  const metrics = await (await fetch(`${machine.recorderOpsUrl}/metrics`)).text();
  const summary = {
    interactionId: interaction.interactionId,
    archivePath,
    durationMs: interaction.durationMs,
    screens: interaction.screens.length,
    audioParts: interaction.audio?.parts.length ?? 0,
    coverage: interaction.coverage,
    ringToFirstFrameMs: readRingToFirstFrame(metrics),
    endToReplayMs: Math.round(readableAt - Math.max(endedAt, audioAvailableAt)),
  };
  say(
    `  readable: ${(summary.durationMs / 1_000).toFixed(1)} s, ${summary.screens} screen(s), ` +
      `${summary.audioParts} audio part(s), ${summary.coverage}; ring → first frame ` +
      `${summary.ringToFirstFrameMs} ms, end → replay ${summary.endToReplayMs} ms`,
  );
  return { summary, faults };
}
