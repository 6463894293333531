import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Archive } from "../archive/archive.ts";
import { type ArchivedFile, listArchived, type UsablePlan } from "../domain/archived-source.ts";
import { picturesArgs } from "../domain/ffmpeg-args.ts";
import { AUDIO_FILE, buildManifest } from "../domain/manifest.ts";
import type { StitchPlan } from "../domain/stitch-plan.ts";
import { runFfmpeg } from "../stitch/run-ffmpeg.ts";
import { openScratch } from "../stitch/scratch.ts";
import { type StitchOptions, stitchVersion } from "../stitch/stitch-version.ts";
import { copyFromArchive } from "./archived-sources.ts";

/** What a version was made from, in short; equal plans make equal versions, wherever their files lie. */
export function hashPlan(plan: StitchPlan): string {
  const audio = plan.audio.map(({ path: _path, ...part }) => part);
  return createHash("sha256")
    .update(JSON.stringify({ ...plan, audio }))
    .digest("hex");
}

/** What a version is made from. */
export interface VersionSources {
  plan: StitchPlan;
  /** The plan from what is left of its sources; `useArchived`. */
  usable: UsablePlan;
}

/**
 * Makes one version of an interaction, or finds it finished: after a crash between the manifest and the database the
 * version is there already, and must not be made twice.
 *
 * @param place - the version's, in the archive.
 * @returns null when the place holds a finished version made from something else.
 */
export async function archiveVersion(
  { plan, usable }: VersionSources,
  version: number,
  place: string,
  archive: Archive,
  options: StitchOptions,
): Promise<Manifest | null> {
  const there = await archive.readManifest(place);
  if (there !== null) return isMadeFrom(there, plan, version) ? there : null;
  const startedAt = performance.now();
  const folder = await archive.beginVersion(place);
  await using scratch = await openScratch(options.dataDir, plan.interactionId);
  const copies = new Map<string, string>();
  for (const file of listArchived(usable)) {
    const copy = await copyFromArchive(archive, file, scratch.path, options.signal);
    copies.set(nameOf(file), file.file === AUDIO_FILE ? copy : await takePictures(copy, usable, options));
  }
  const archivedPath = (file: ArchivedFile) => copies.get(nameOf(file)) ?? "";
  const files = await stitchVersion(usable, folder, { ...options, archivedPath });
  const manifest = buildManifest(plan, version, files);
  const signed = await archive.finishVersion(place, folder, manifest);
  logStitched(options.log, manifest, performance.now() - startedAt);
  return signed;
}

/** @returns where they are. */
async function takePictures(
  screen: string,
  { durationMs }: UsablePlan,
  { signal }: StitchOptions,
): Promise<string> {
  const output = `${screen}.mkv`;
  await runFfmpeg(picturesArgs(screen, output), { mediaMs: durationMs, signal });
  await rm(screen);
  return output;
}

function nameOf({ place, file }: ArchivedFile): string {
  return `${place}/${file}`;
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
