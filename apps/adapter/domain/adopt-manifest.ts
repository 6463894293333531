import type { Codec, Recording } from "#shared/api/recording.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { ArchivedSource } from "./archived-source.ts";
import type { AudioPart } from "./interaction-facts.ts";
import type { SegmentRef } from "./stitch-plan.ts";
import { instantOf } from "./timeline.ts";
import { noteOf } from "./without-screen.ts";

/** What an archived version tells of what it was made from. */
export interface AdoptedFacts {
  recordings: Recording[];
  /** One for each screen: all of its pictures. */
  segments: (SegmentRef & { bytes: number; sha256: string; source: ArchivedSource })[];
  audio: (AudioPart & { source: ArchivedSource })[];
}

/** Of a recording that is known by its version only; a recorder's own revisions begin at 1 and take its place. */
const REVISION = 1;
/** The only segment of a track that an archived file gave back. */
const WHOLE_SCREEN = "archived";
/** A screen's length is its file's; one that ends so near the version's end was planned to end there. */
const SAME_END_MS: DurationMs = 250;

/**
 * The facts that an archived version was made from, as far as it tells them: where the database that had them is lost, a
 * later part of the call must not make a version without the rest.
 *
 * A plan made from them is the version's own plan: nothing of it is lost, and nothing moves.
 *
 * @param place - the version's, in the archive.
 * @param codecs - of each screen's file.
 */
export function adoptManifest(
  manifest: Manifest,
  place: string,
  codecs: ReadonlyMap<string, Codec>,
): AdoptedFacts {
  const zero = instantOf(manifest.startedAt);
  const at = (offsetMs: number) => formatInstant(zero + offsetMs);
  const filesByName = new Map(manifest.files.map((file) => [file.name, file]));
  const segments: AdoptedFacts["segments"] = [];

  const withoutTracks = (agent: string, id: string, leg: number): Recording => {
    const order = manifest.agents.findIndex((known) => known.agent === agent);
    const name = manifest.agents[order]?.name ?? agent;
    return {
      ...{ id, revision: REVISION, agent, leg, callSessionId: manifest.interactionId, phase: "sealed" },
      // The version does not tell; this keeps its agents in their order.
      startedAt: at(Math.max(0, order)),
      connectedAt: null,
      endedAt: manifest.endedAt,
      events: manifest.events.flatMap(({ type, at: instant, ...event }, index) =>
        event.agent === agent ? [{ id: `archived-${padded(index)}`, type, at: instant }] : [],
      ),
      attributes: {
        ...{ ...manifest.attributes, ...manifest.call },
        ...(name === agent ? {} : { agentName: name }),
      },
      tracks: [],
      coverage: manifest.coverage,
      note: null,
    };
  };

  const recordings = new Map<string, Recording>();
  for (const [index, screen] of manifest.screens.entries()) {
    const { recordingId, agent, leg, file, offsetMs } = screen;
    const toEndMs = manifest.durationMs - offsetMs;
    const durationMs = Math.abs(screen.durationMs - toEndMs) <= SAME_END_MS ? toEndMs : screen.durationMs;
    const recording = recordings.get(recordingId) ?? withoutTracks(agent, recordingId, leg);
    recordings.set(recordingId, recording);
    const { bytes = 0, sha256 = "" } = filesByName.get(file) ?? {};
    const trackId = `archived-${padded(index)}`;
    const { desktop, display, width, height, coverage } = screen;
    recording.tracks.push({
      ...{ id: trackId, desktop, display, width, height, codec: codecs.get(file) ?? "vp9" },
      segments: [{ id: WHOLE_SCREEN, startedAt: at(offsetMs), durationMs, frames: 0, bytes, sha256 }],
      coverage: coverage.map(({ fromMs, toMs, ...rest }) => ({ from: at(fromMs), to: at(toMs), ...rest })),
    });
    const ref = { recordingId, trackId, segmentId: WHOLE_SCREEN };
    segments.push({ ...ref, bytes, sha256, source: { place, file, atMs: 0 } });
  }
  for (const unseen of manifest.withoutScreen ?? []) {
    const { recordingId, agent, leg, offsetMs, durationMs } = unseen;
    recordings.set(recordingId, {
      ...withoutTracks(agent, recordingId, leg),
      ...{ connectedAt: at(offsetMs), endedAt: at(offsetMs + durationMs), note: noteOf(unseen) },
    });
  }
  const seen = new Set([...recordings.values()].map(({ agent }) => agent));
  for (const [index, { agent }] of manifest.agents.entries()) {
    if (seen.has(agent)) continue;
    const id = `${manifest.interactionId.slice(0, 48)}-archived-${index}`;
    recordings.set(id, withoutTracks(agent, id, 1));
  }

  const { audio } = manifest;
  const parts = (audio?.parts ?? []).map(({ sourceId, offsetMs, durationMs, sha256, ...placed }) => ({
    sourceId,
    createdOn: zero + offsetMs + durationMs,
    file: {
      path: `sources/audio/${sourceId}.archived`,
      ...{ bytes: 0, sha256, durationMs },
      stated: { at: zero + offsetMs, uncertaintyMs: placed.uncertaintyMs, placement: placed.placement },
    },
    source: { place, file: audio?.file ?? "", atMs: offsetMs },
  }));
  return { recordings: [...recordings.values()], segments, audio: parts };
}

/** Sorted as text they are in order. */
function padded(index: number): string {
  return String(index).padStart(4, "0");
}
