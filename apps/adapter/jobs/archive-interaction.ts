import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Archive } from "../archive/archive.ts";
import { buildManifest } from "../domain/manifest.ts";
import type { StitchPlan } from "../domain/stitch-plan.ts";
import { type StitchOptions, stitchVersion } from "../stitch/stitch-version.ts";

/** What a version was made from, in short; equal plans make equal versions. */
export function hashPlan(plan: StitchPlan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}

/**
 * Makes one version of an interaction, or finds it finished: after a crash between the manifest and the database the
 * version is there already, and must not be made twice.
 *
 * @param place - the version's, in the archive.
 * @returns null when the place holds a finished version made from something else.
 */
export async function archiveVersion(
  plan: StitchPlan,
  version: number,
  place: string,
  archive: Archive,
  options: StitchOptions,
): Promise<Manifest | null> {
  const there = await archive.readManifest(place);
  if (there !== null) return isMadeFrom(there, plan, version) ? there : null;
  const startedAt = performance.now();
  const folder = await archive.beginVersion(place);
  const files = await stitchVersion(plan, folder, options);
  const manifest = buildManifest(plan, version, files);
  const signed = await archive.finishVersion(place, folder, manifest);
  logStitched(options.log, manifest, performance.now() - startedAt);
  return signed;
}

function isMadeFrom(found: Manifest, plan: StitchPlan, version: number): boolean {
  const { previous: _previous, signature: _signature, ...manifest } = found;
  const lengths = new Map(manifest.screens.map((screen) => [screen.file, screen.durationMs]));
  const files = manifest.files.map((file) => ({ ...file, durationMs: lengths.get(file.name) ?? 0 }));
  return isDeepStrictEqual(buildManifest(plan, version, files), manifest);
}

function logStitched(log: Log, manifest: Manifest, tookMs: number): void {
  const facts = {
    screens: manifest.screens.length,
    audioParts: manifest.audio?.parts.length ?? 0,
    mediaMs: manifest.durationMs,
    tookMs: Math.round(tookMs),
  };
  log.info(facts, "interaction stitched");
}
