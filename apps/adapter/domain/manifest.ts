import { MANIFEST_FORMAT, type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { StitchPlan } from "./stitch-plan.ts";

/** A file of a version as it lies in the archive. */
export interface FinishedFile {
  name: string;
  bytes: number;
  sha256: string;
  /** Of a screen or a sound, as a player sees it, in whole ms. */
  durationMs?: DurationMs;
}

export const AUDIO_FILE = "audio.m4a";

/**
 * The manifest of a version, before it is signed and chained.
 *
 * @param files - every file of the version; screens take their length from here, because it is what players show.
 * @throws ZodError when the plan holds what no manifest may say.
 */
export function buildManifest(plan: StitchPlan, version: number, files: readonly FinishedFile[]): Manifest {
  const lengths = new Map(files.map(({ name, durationMs }) => [name, durationMs]));
  const manifest = {
    format: MANIFEST_FORMAT,
    interactionId: plan.interactionId,
    version,
    startedAt: formatInstant(plan.startedAt),
    endedAt: formatInstant(plan.endedAt),
    durationMs: plan.durationMs,
    coverage: plan.coverage,
    call: plan.call,
    ...(plan.attributes === undefined ? {} : { attributes: plan.attributes }),
    agents: plan.agents,
    events: plan.events,
    audio:
      plan.audio.length === 0
        ? null
        : {
            file: AUDIO_FILE,
            parts: plan.audio.map(({ path: _path, stretches: _stretches, ...part }) => part),
          },
    screens: plan.screens.map(({ file, entry, durationMs }) => ({
      file,
      ...entry,
      durationMs: lengths.get(file) ?? durationMs,
    })),
    ...(plan.withoutScreen === undefined ? {} : { withoutScreen: plan.withoutScreen }),
    files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
  } satisfies Manifest;
  return manifestSchema.parse(wellFormed(manifest));
}

/** With U+FFFD for halves of surrogate pairs: attributes come from outside, and such a text can neither be stored nor signed. */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member)]),
  );
}
